"""A pytest plugin that lets graphql-core's own tests run the compiled executor."""

import sys
from types import SimpleNamespace
from typing import Any

from graphql.execution.incremental.incremental_executor import IncrementalExecutor

from gateway.concurrency.time_slice import TimeSlice
from gateway.executor import Bounds, CompiledExecutor
from gateway.executor.run import Run

#: Counts what ran compiled, and what graphql-core ran itself.
RAN = {"compiled": 0, "core": 0}


class Execution(IncrementalExecutor):
    """graphql-core's execution; what can be compiled runs compiled."""

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: FBT001 - its own
        extras = (self.middleware_manager, self.abort_signal, self.hooks)
        program = None
        if not serially and extras == (None, None, None):
            operation: Any = SimpleNamespace(
                node=self.operation,
                fragments=self.fragment_definitions,
                plans={},
                grow=lambda _added: None,
            )
            ours: Any = CompiledExecutor(self.schema, None, bounds=Bounds(runs_before=0))  # type: ignore[arg-type]
            program = ours.compiled(operation, self.variable_values)
        RAN["core" if program is None else "compiled"] += 1
        if program is None:
            return super().execute_operation(serially)
        return Run(program, self, TimeSlice()).start()


#: `graphql.execution.execute` is a function, which hides the module of its name.
sys.modules["graphql.execution.execute"].IncrementalExecutor = Execution  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell how many operations went which way."""
    terminalreporter.write_line(f"operations: {RAN}")
