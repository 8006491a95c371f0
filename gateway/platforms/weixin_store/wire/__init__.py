"""The Weixin Store's wire documents, in the reference's spelling.

Reading is tolerant: unknown members are ignored, absent ones and nulls are None, ids and numbers
may be text. Writing is exact: ids are text, a member that is not given is left out.
"""
