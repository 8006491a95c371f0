"""The executable schema, and its SDL."""

from collections.abc import Iterator
from functools import cache

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from gateway.executor import Guard, Relation
from resolvers.api_keys import ApiKeyQueryFields
from resolvers.audit import AuditQueryFields
from resolvers.bulk_operations import BulkOperationQueryFields
from resolvers.catalogue import CatalogueQueryFields
from resolvers.mutations.after_sale_decisions import AfterSaleDecisionMutation
from resolvers.mutations.after_sales import AfterSaleMutation
from resolvers.mutations.audit import audit_mutations
from resolvers.mutations.bulk_operations import BulkOperationMutation
from resolvers.mutations.delivery_templates import DeliveryTemplateMutation
from resolvers.mutations.fulfilment import FulfilmentMutation
from resolvers.mutations.groups import GroupMutation
from resolvers.mutations.idempotency import replay_repeated
from resolvers.mutations.images import ImageMutation
from resolvers.mutations.metadata import MetadataMutation
from resolvers.mutations.mirrors import MirrorMutation
from resolvers.mutations.orders import OrderMutation
from resolvers.mutations.products import ProductMutation
from resolvers.mutations.pushes import PushMutation
from resolvers.mutations.shelves import ShelfMutation
from resolvers.mutations.shopping_list import ShoppingListMutation
from resolvers.mutations.shops import ShopMutation
from resolvers.mutations.stock import StockMutation
from resolvers.mutations.webhooks import WebhookMutation
from resolvers.orders import OrderQueryFields
from resolvers.pushes import PushQueryFields
from resolvers.shelves import ShelfQueryFields
from resolvers.shops import ShopQueryFields
from resolvers.subscriptions import Subscription
from resolvers.webhooks import WebhookQueryFields
from schema.argument_descriptions import ARGUMENTS, OF_ONE_FIELD
from schema.bounds import BOUND, SCALAR_BOUNDS, bound_of
from schema.category import Category
from schema.declare import GUARD, RELATION
from schema.page_sizes import DEFAULT_PAGE_SIZE
from schema.scalars import SCALARS
from schema.scope import Scope

#: What tools show of the schema as a whole.
DESCRIPTION = (
    "The products, orders, shelves and after-sales of a merchant's shops on Chinese platforms, by"
    " one set of types. Every list asks all shops that the API key may see, and says in `sources`"
    " how each of them answered: one platform's outage hides nothing of the others. Ids are opaque"
    " and hold for good. A list has 20 entries a page unless `first` says otherwise, at most 100."
    " Amounts are decimals in yuan; times are in UTC. A mutation tells what the platform refused in"
    " `userErrors`, and is safe to repeat under the same Idempotency-Key."
)


@strawberry.type(description="All queries.")
class Query(
    ShopQueryFields,
    CatalogueQueryFields,
    ShelfQueryFields,
    OrderQueryFields,
    PushQueryFields,
    AuditQueryFields,
    ApiKeyQueryFields,
    BulkOperationQueryFields,
    WebhookQueryFields,
):
    """All queries."""


@strawberry.type(description="All mutations.")
class Mutation(
    ProductMutation,
    StockMutation,
    ImageMutation,
    GroupMutation,
    ShelfMutation,
    DeliveryTemplateMutation,
    FulfilmentMutation,
    OrderMutation,
    PushMutation,
    ShoppingListMutation,
    ShopMutation,
    AfterSaleMutation,
    AfterSaleDecisionMutation,
    MirrorMutation,
    BulkOperationMutation,
    MetadataMutation,
    WebhookMutation,
):
    """All mutations."""


@cache
def build_schema() -> strawberry.Schema:
    """The Strawberry schema; built once per process."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Category],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    replay_repeated(_core(schema), _in_ledger(schema))
    audit_mutations(_core(schema))
    _core(schema).description = DESCRIPTION
    _declare_choices(_core(schema))
    _drop_null_defaults(_core(schema))
    _default_page_sizes(_core(schema))
    _describe_arguments(_core(schema))
    _bound_inputs(_core(schema))
    return schema


def _in_ledger(schema: strawberry.Schema) -> frozenset[str]:
    """The mutations that write to the ledger and are delivered from it."""
    kinds = (
        FulfilmentMutation,
        OrderMutation,
        PushMutation,
        ShoppingListMutation,
        ShopMutation,
        AfterSaleMutation,
        MirrorMutation,
        BulkOperationMutation,
        MetadataMutation,
        WebhookMutation,
    )
    name = schema.config.name_converter.get_graphql_name
    return frozenset(
        name(field) for kind in kinds for field in get_object_definition(kind, strict=True).fields
    )


def _declare_choices(schema: GraphQLSchema) -> None:
    """Marks @oneOf inputs for graphql-core, which validates and prints them."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            kind.is_one_of = kind.extensions["strawberry-definition"].is_one_of


def _drop_null_defaults(schema: GraphQLSchema) -> None:
    """Leaves what may be left out without a default; the resolvers' own defaults stand in for it.

    Strawberry writes Python's default None as `= null`, which tools show as if it meant something.
    """
    for _, place in inputs(schema):
        if place.default_value is None:
            place.default_value = Undefined


def _default_page_sizes(schema: GraphQLSchema) -> None:
    """Shows how many entries a page has where `first` alone says so.

    Beside `last` a default would contradict a page that is asked for backwards: there only the
    description has it.
    """
    for kind in schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for field in kind.fields.values():
            if "first" in field.args and "last" not in field.args:
                field.args["first"].default_value = DEFAULT_PAGE_SIZE


def _describe_arguments(schema: GraphQLSchema) -> None:
    for kind in schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__"):
            continue
        for field_name, field in kind.fields.items():
            for name, argument in field.args.items():
                own = OF_ONE_FIELD.get(f"{kind.name}.{field_name}.{name}")
                argument.description = argument.description or own or ARGUMENTS.get(name)


def _bound_inputs(schema: GraphQLSchema) -> None:
    """Declares the bounds of `schema.bounds`, for the edge and in the descriptions."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLScalarType) and kind.name in SCALAR_BOUNDS and kind.name != "ID":
            kind.description = f"{kind.description} As input: {SCALAR_BOUNDS[kind.name]}"
    for coordinate, place in inputs(schema):
        bound = bound_of(coordinate, place.type)
        if bound is not None:
            place.extensions[BOUND] = bound
            place.description = f"{place.description} {bound}"


def inputs(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLArgument | GraphQLInputField]]:
    """All arguments and input fields, each with `Type.field.argument` or `Input.field`."""
    for kind in schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        if isinstance(kind, GraphQLInputObjectType):
            for name, member in kind.fields.items():
                yield f"{kind.name}.{name}", member
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                for name, argument in field.args.items():
                    yield f"{kind.name}.{field_name}.{name}", argument


def executable() -> GraphQLSchema:
    """The schema as graphql-core executes it."""
    return _core(build_schema())


def _core(schema: strawberry.Schema) -> GraphQLSchema:
    return schema._schema  # noqa: SLF001 - Strawberry has no public accessor


def sdl() -> str:
    """The public schema as SDL."""
    return print_schema(executable()) + "\n"


def hints(field: StrawberryField) -> Relation | Guard | None:
    """How the compiled executor can read a field without calling its resolver; None if it cannot.

    `schema.declare.loads` and `guarded` write it into the field's metadata.
    """
    relation = field.metadata.get(RELATION)
    if relation is not None:
        loader, key, unless, needs = relation
        return Relation(loader, key, unless, needs)
    guard = field.metadata.get(GUARD)
    if guard is None:
        return None
    attribute, scopes = guard
    return Guard(attribute, scopes, counted=Scope.PII_READ in scopes)
