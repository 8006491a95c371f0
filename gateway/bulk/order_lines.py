"""Lines of imports as inputs: checked and coerced as GraphQL does it with variables."""

from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    parse,
)
from strawberry import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from gateway.bulk.file_lines import SHIPMENT_COLUMNS
from gateway.errors import InputTooLarge
from gateway.http.input_size import InputSizes, shown
from gateway.http.parameters import read_json
from gateway.http.refusal import HttpRefusal
from gateway.http.variable_errors import parted, with_json_values
from gateway.http.variable_values import VariableCoercion
from gateway.ports.writing.problems import InputRefused
from gateway.services.writing.orders import ShippedOrder
from gateway.store.bulk_pieces import ERASED_LINE
from schema.bounds import BOUND, BOUNDS, Bound
from schema.errors import ErrorCode, UserError
from schema.inputs.order import OrderImportInput

_DEFINITION: Final = "strawberry-definition"
_ORDER: Final = "mutation ($input: OrderImportInput!) { orderImport(input: $input) { __typename } }"
_SHIPMENT: Final = "mutation ($input: ShipmentLine!) { __typename }"
#: Errors of one line that are told.
_MOST_ERRORS: Final = 20
#: How spreadsheets write a long number that they have rounded.
_ROUNDED: Final = ("E+", "e+")


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """An order of the import's shop, by the platform's id, and its parcel."""

    platform_id: str
    carrier: str | None
    other_carrier: str | None
    tracking_number: str

    @property
    def of_ledger(self) -> ShippedOrder:
        """As an order that the ledger keeps is shipped."""
        return ShippedOrder(
            self.platform_id, self.carrier, self.other_carrier, self.tracking_number
        )


class LineReader:
    """Reads lines as inputs; every method raises InputRefused."""

    def __init__(self, schema: GraphQLSchema) -> None:
        assert schema.mutation_type is not None  # noqa: S101 - ours has mutations
        field = schema.mutation_type.fields["orderImport"]
        self._declared: StrawberryField = field.extensions[_DEFINITION]
        owner = schema.extensions[_DEFINITION]
        assert isinstance(owner, Schema)  # noqa: S101 - it is built by Strawberry
        self._owner = owner
        self._orders = _Coercion(schema, _ORDER, field.args["input"].type)
        shipments, kind = _with_shipments(schema)
        self._shipments = _Coercion(shipments, _SHIPMENT, kind)

    def order(self, text: bytes, shop: str) -> OrderImportInput:
        """An order of the shop."""
        value = _object(text)
        named = value.get("shop")
        if isinstance(named, str) and named != shop:
            message = f"The line is for another shop: this import is for {shop}."
            raise InputRefused.of(ErrorCode.INVALID, message, "shop")
        converted = convert_arguments(
            {"input": self._orders.coerced(value)},
            self._declared.arguments,
            scalar_registry=self._owner.schema_converter.scalar_registry,
            config=self._owner.config,
        )
        given: OrderImportInput = converted["input"]
        return given

    def shipment(self, text: bytes) -> ShipmentLine:
        """A shipment."""
        given = self._shipments.coerced(_object(text))
        line = ShipmentLine(
            platform_id=given["platformId"].strip(),
            carrier=(given.get("carrier") or "").strip() or None,
            other_carrier=(given.get("otherCarrier") or "").strip() or None,
            tracking_number=given["trackingNumber"].strip(),
        )
        for name, number in (
            ("platformId", line.platform_id),
            ("trackingNumber", line.tracking_number),
        ):
            if not number:
                raise InputRefused.of(ErrorCode.INVALID, "Give a value.", name)
            if any(mark in number for mark in _ROUNDED):
                message = "A spreadsheet has rounded it: format the column as text, and save again."
                raise InputRefused.of(ErrorCode.INVALID, message, name)
        if line.carrier is None and line.other_carrier is None:
            message = "Give `carrier`, or `otherCarrier`."
            raise InputRefused.of(ErrorCode.INVALID, message, "carrier")
        return line


class _Coercion:
    """Coerces values of one input type, within the bounds of its fields."""

    def __init__(self, schema: GraphQLSchema, document: str, kind: Any) -> None:
        self._values = VariableCoercion(schema, max_errors=_MOST_ERRORS)
        (definition,) = parse(document).definitions
        assert isinstance(definition, OperationDefinitionNode)  # noqa: S101 - ours
        self._variables = definition.variable_definitions or ()
        self._size = InputSizes(schema).of_type(kind, Bound())

    def coerced(self, value: dict[str, Any]) -> Any:
        """The coerced value; raises InputRefused."""
        if self._size is not None:
            try:
                self._size.of_value(value)
            except InputTooLarge as refused:
                message = refused.at(f"`{shown(refused.path)}`").message
                path = [str(key) for key in refused.path]
                raise InputRefused.of(ErrorCode.INVALID, message, *path) from None
        sent = {"input": value}
        found = self._values.values(self._variables, sent)
        if isinstance(found, list):
            parts = [parted(error.message) for error in with_json_values(found, sent)]
            raise InputRefused(
                [
                    UserError(code=ErrorCode.INVALID, message=message, field=path or None)
                    for path, message in parts
                ]
            )
        return found.coerced["input"]


def _with_shipments(schema: GraphQLSchema) -> tuple[GraphQLSchema, GraphQLInputObjectType]:
    """A schema that has the type of shipments too: the public one needs it for files alone."""
    needed = {"platformId", "trackingNumber"}
    kind = GraphQLInputObjectType(
        "ShipmentLine",
        {
            name: GraphQLInputField(
                GraphQLNonNull(GraphQLString) if name in needed else GraphQLString,
                extensions={BOUND: BOUNDS[name]},
            )
            for name in SHIPMENT_COLUMNS
        },
    )
    return GraphQLSchema(query=schema.query_type, types=[kind]), kind


def _object(text: bytes) -> dict[str, Any]:
    if text.rstrip() == ERASED_LINE:
        message = "The buyer was erased before the line was imported."
        raise InputRefused.of(ErrorCode.CONFLICT, message)
    try:
        value = read_json(text, "The line")
    except HttpRefusal as refused:
        message = refused.message.replace("at line 1, column", "at column")
        raise InputRefused.of(ErrorCode.INVALID, message) from None
    if not isinstance(value, dict):
        raise InputRefused.of(ErrorCode.INVALID, "The line is not a JSON object.")
    return value


def platform_id_of(text: bytes) -> str | None:
    """The platform id that a line names; None: none that can be read."""
    try:
        given = _object(text).get("platformId")
    except InputRefused:
        return None
    return given if isinstance(given, str) else None
