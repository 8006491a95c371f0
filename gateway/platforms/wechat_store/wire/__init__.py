"""The WeChat Store's wire documents, in the manual's spelling.

Reading is tolerant: unknown members are ignored, absent ones and nulls are None, numbers may be
text. Writing is exact: a member that is not given is left out.
"""
