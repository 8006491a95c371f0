"""What can be changed on a platform: ports to fill, and how wrong input is told."""
