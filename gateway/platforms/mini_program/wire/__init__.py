"""What the Mini Program's interfaces send and take, in their own spelling."""
