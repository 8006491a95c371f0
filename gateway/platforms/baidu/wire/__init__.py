"""What Baidu's order centre takes and gives, in its own spelling."""
