"""A compiled executor for Strawberry schemas; it knows of no schema in particular."""

from gateway.executor.compilability import Bounds
from gateway.executor.compiled import CompiledExecutor
from gateway.executor.cooperative import CooperativeExecution, core_execution, details_of
from gateway.executor.field_readers import Guard, Hints, Relation

__all__ = [
    "Bounds",
    "CompiledExecutor",
    "CooperativeExecution",
    "Guard",
    "Hints",
    "Relation",
    "core_execution",
    "details_of",
]
