"""The Weixin Store's documents as the public schema shows them, and back."""
