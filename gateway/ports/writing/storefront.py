"""Ports that change groups, shelves and delivery templates.

Every method takes a `deadline` and fails like those of `gateway.ports.writing.catalogue`.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from schema.delivery import DeliveryTemplate
from schema.inputs.delivery import DeliveryTemplateInput
from schema.inputs.shelf import ShelfCreateInput, ShelfUpdateInput
from schema.shelf import Shelf


class WritesGroups(Protocol):
    """Adds, changes and removes groups, which are named by their platform id."""

    async def create(self, name: str, products: Sequence[str], deadline: float | None) -> str:
        """The platform id of a new group that holds these products, by their platform ids.

        Raises:
            InputRefused: a rule of the platform is broken.
        """

    async def rename(self, group: str, name: str, deadline: float | None) -> None:
        """Renames a group.

        Raises:
            Absent: there is no such group.
            InputRefused: a rule of the platform is broken.
        """

    async def change_products(
        self, group: str, add: Sequence[str], remove: Sequence[str], deadline: float | None
    ) -> None:
        """Adds products to a group and removes others; no call if there is nothing to do.

        Raises:
            Absent: there is no such group.
        """

    async def delete(self, group: str, deadline: float | None) -> None:
        """Removes a group; its products stay.

        Raises:
            Absent: there is no such group.
        """


class WritesShelves(Protocol):
    """Adds, changes and removes shelves, which are named by their platform id."""

    async def create(self, given: ShelfCreateInput, deadline: float | None) -> Shelf:
        """The shelf as the platform has it.

        Raises:
            InputRefused: a rule of the platform is broken.
        """

    async def update(self, shelf: str, change: ShelfUpdateInput, deadline: float | None) -> Shelf:
        """The shelf as the platform has it, with only the given fields changed.

        Raises:
            Absent: there is no such shelf.
            InputRefused: a rule of the platform is broken, or the shelf has parts that cannot be
            sent back.
        """

    async def delete(self, shelf: str, deadline: float | None) -> None:
        """Removes a shelf.

        Raises:
            Absent: there is no such shelf.
        """


class Placement(NamedTuple):
    """A product's place on the home page; None leaves it as it is. Positions count from 1."""

    position: int | None = None
    hidden: bool | None = None
    pinned: bool | None = None


class PlacesProducts(Protocol):
    """Sets the place of products on the home page of a store that has one."""

    async def place(self, product: str, placement: Placement, deadline: float | None) -> None:
        """Sets what is given; if a later part fails, the earlier ones are done.

        Raises:
            InputRefused: a rule of the platform is broken; paths begin with the argument's name.
        """


class WritesDeliveryTemplates(Protocol):
    """Adds, replaces and removes delivery templates, which are named by their platform id."""

    async def create(
        self, given: DeliveryTemplateInput, deadline: float | None
    ) -> DeliveryTemplate:
        """The template as the platform has it.

        Raises:
            InputRefused: a rule of the platform is broken.
        """

    async def update(
        self, template: str, given: DeliveryTemplateInput, deadline: float | None
    ) -> DeliveryTemplate:
        """The template as the platform has it, replaced as a whole.

        Raises:
            Absent: there is no such template.
            InputRefused: a rule of the platform is broken.
        """

    async def delete(self, template: str, deadline: float | None) -> None:
        """Removes a template.

        Raises:
            Absent: there is no such template.
        """
