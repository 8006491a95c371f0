"""The WeChat Store's documents as they travel, in the manual's spelling.

What is read is tolerant: unknown members are ignored, absent ones and nulls are None, numbers may
come as text. What is written is exact: a member that is not given is left out.
"""
