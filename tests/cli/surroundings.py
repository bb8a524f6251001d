"""Runs command lines inside the test's process, against use-cases that only record what they were asked."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, fields
from pathlib import Path

from sfdd_declare.cli.main import main
from sfdd_declare.cli.use_cases import UseCases
from tests.golden import builders, cases


class Terminal(io.StringIO):
    """An input at which somebody sits and types these lines."""

    def isatty(self):
        return True


@dataclass
class Asked:
    """What the use-cases were called with, in order, and what they answer."""

    answers: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)

    def cases(self):
        return UseCases(**{each.name: self._recorder(each.name) for each in fields(UseCases)})

    def _recorder(self, name):
        def record(*arguments):
            self.calls.append((name, *arguments))
            answer = self.answers.get(name)
            if isinstance(answer, BaseException):
                raise answer
            return answer(*arguments) if callable(answer) else answer

        return record

    @property
    def options(self):
        """The options of the only call."""
        ((_, options, *_),) = self.calls
        return options


def run(*arguments, asked=None, typed=None, environ=None):
    """Exit code of one command line. `typed` makes the input a terminal."""
    stdin = io.StringIO() if typed is None else Terminal(typed)
    cases = (asked or Asked()).cases()
    return main([str(argument) for argument in arguments], environ=environ or {}, stdin=stdin, cases=cases)


def applying(outcome=None, plan=None):
    """An `apply` that shows and asks as the real one does, then gives this outcome."""
    plan = plan or cases.first_plan()

    def apply(options, approval, watch):
        approval.show(plan)
        if not plan.is_empty and not approval.approve(plan):
            from sfdd_declare.app.options import Declined

            raise Declined
        for operation in plan.operations:
            if operation.destroys and not approval.typed(operation.destroys, operation.note):
                from sfdd_declare.app.options import Declined

                raise Declined
        return outcome or builders.an_outcome(plan)

    return apply


HERE = Path(".")
