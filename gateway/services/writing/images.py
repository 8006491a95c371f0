"""Uploads images to a shop's platform."""

from gateway.ports import ReadOptions
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import Targets
from gateway.services.writing.write_result import WriteResult, attempt
from schema.scalars import UploadedFile


class ImageWriting:
    """Routes uploads to the shops' ports."""

    def __init__(self, directory: Directory) -> None:
        self._targets = Targets(directory)

    async def upload(
        self, shop: str, file: UploadedFile, name: str | None, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[str]:
        """The image's URL; `name` overrides the file's own name."""

        async def work() -> str:
            port = self._targets.port(
                shop, viewer, lambda adapter: adapter.uploads_images, "upload of pictures", "shop"
            )
            return await port.upload(file.content, name or file.name, reading.deadline)

        find_out = "nothing shows it but its address, so upload the picture again."
        return await attempt(work(), find_out=find_out, thing=("shop",))
