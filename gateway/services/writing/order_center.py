"""Sets the page that a platform's order centre opens."""

from gateway.ports import ReadOptions
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import Targets
from gateway.services.writing.write_result import WriteResult, attempt
from schema.shop import Shop


class OrderCenterWriting:
    """Routes the path to the shops' ports."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._targets = Targets(directory)

    async def set_path(
        self, shop: str, path: str, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Shop]:
        """Sets the path; the value is the shop."""

        async def work() -> Shop:
            port = self._targets.port(
                shop, viewer, lambda adapter: adapter.order_center, "order centre", "shop"
            )
            await port.set_path(path, reading.deadline)
            return self._directory.get(shop, viewer).shop

        find_out = "ask for the shop's `orderCenterPath`, with Cache-Control: no-cache."
        return await attempt(work(), find_out=find_out, thing=("shop",))
