"""Parse command lines, and tell from which arguments the parser was built."""

import argparse
import functools
from collections.abc import Sequence
from typing import Any, Self

__all__ = ["CommandParser"]


class CommandParser(argparse.ArgumentParser):
    """An ArgumentParser with a list of its `arguments`, those of its commands too.

    What is added to a group of it is not among them.
    """

    def __init__(
        self,
        *,
        parents: Sequence[Self] = (),
        arguments: list[argparse.Action] | None = None,
        **given: Any,
    ) -> None:
        """Add what is found to `arguments`, if they are a parser's above this one."""
        self.arguments = [] if arguments is None else arguments
        super().__init__(parents=parents, **given)
        for one in parents:
            self.arguments += one.arguments

    def add_argument(self, *names: str, **given: Any) -> argparse.Action:
        """Add an argument and return it, as argparse does."""
        action = super().add_argument(*names, **given)
        self.arguments.append(action)
        return action

    def add_subparsers(self, **given: Any) -> Any:
        """Return what commands are added to; argparse does not name its type."""
        parser_class: Any = functools.partial(type(self), arguments=self.arguments)
        return super().add_subparsers(parser_class=parser_class, **given)
