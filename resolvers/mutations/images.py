"""The mutation that uploads images."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.payloads import ImagePayload
from schema.scalars import Upload, UploadedFile


@strawberry.type
class ImageMutation:
    """Uploads of images."""

    @root_field(
        "Uploads an image (PNG or JPEG; GIF to the WeChat Store only) to the shop's platform and"
        " returns its URL, which products, groups and shelves can use. Sent as a GraphQL multipart"
        " request. Needs the scope catalog:write."
    )
    async def image_upload(
        self, info: Info, shop: str, file: Upload, filename: str | None = None
    ) -> ImagePayload | None:
        """Upload an image."""
        context = writing_context(info, CATALOG_WRITE)
        assert isinstance(file, UploadedFile)  # noqa: S101 - only bulkImport's are streamed
        done = await context.services.image_writing.upload(
            shop, file, filename, context.viewer, context.reading
        )
        return ImagePayload(url=done.value, user_errors=done.errors)
