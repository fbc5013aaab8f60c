"""Arithmetic of score sheets: a small, safe language of numbers, named quantities, ``+ - * /``, ``min`` and ``max``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from math import isfinite

from yingcheng.i18n import _

__all__ = ["Expression", "FormulaFault", "parse_formula"]

LONGEST = 2000  # characters; a score formula has a few dozen, and the parser's depth grows with the text
_SIGNS = str.maketrans("×÷（）［］【】{}[]，－＋＊／％", "*/()()()()()" + ",-+*/%")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_EXTREMES: Mapping[str, Callable[..., Decimal]] = {"min": min, "max": max, "最小值": min, "最大值": max}


class FormulaFault(ValueError):  # noqa: N818 — the message is a fault to list, collected by the loader
    """A formula cannot be read; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula that was read. ``names`` are the quantities it asks for, in order."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr

    def evaluate(self, values: Mapping[str, Decimal]) -> Decimal | None:
        """The value; ``None`` where something is divided by zero. Every name must have a value."""
        with localcontext() as context:
            context.prec = 28
            try:
                return _evaluate(self.tree, values)
            except (DivisionByZero, InvalidOperation, Overflow):
                return None


def parse_formula(text: str) -> Expression:
    """Read a formula as officers write it: ``[(签约个数 ÷ 目标) × 50% + …]``.

    Raises:
        FormulaFault: the text is no arithmetic of this language.
    """
    if len(text) > LONGEST:
        raise FormulaFault(_("公式过长（{length}字，最多{most}字）").format(length=len(text), most=LONGEST))
    plain = _PERCENT.sub(r"(\1/100)", text.translate(_SIGNS)).strip()
    try:
        tree = ast.parse(plain, mode="eval").body
        names: dict[str, None] = {}
        _check(tree, names)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, FormulaFault):
            raise
        raise FormulaFault(_("“{text}”不是完整的算式").format(text=text)) from None
    return Expression(text, tuple(names), tree)


def _check(node: ast.expr, names: dict[str, None]) -> None:
    """Allow what the language has; collect the names."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            _check(left, names)
            _check(right, names)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            _check(operand, names)
        case ast.Constant(value=bool() | complex() | str() | bytes() | None):
            raise FormulaFault(_("“{part}”不是数字").format(part=ast.unparse(node)))
        case ast.Constant(value=int() | float() as number):
            if not isfinite(number):
                raise FormulaFault(_("“{part}”不是有限的数字").format(part=ast.unparse(node)))
        case ast.Name(id=name):
            names[name] = None
        case ast.Call(func=ast.Name(id=function), args=[_first, *_rest] as arguments, keywords=[]) if (
            function in _EXTREMES
        ):
            for argument in arguments:
                _check(argument, names)
        case _:
            raise FormulaFault(
                _("“{part}”不能用于公式：只能用数字、名称、加减乘除、括号、min 和 max").format(part=ast.unparse(node))
            )


def _evaluate(node: ast.expr, values: Mapping[str, Decimal]) -> Decimal:
    match node:
        case ast.BinOp(left=left, op=operation, right=right):
            a, b = _evaluate(left, values), _evaluate(right, values)
            match operation:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case _:
                    return a / b
        case ast.UnaryOp(op=sign, operand=operand):
            value = _evaluate(operand, values)
            return -value if isinstance(sign, ast.USub) else value
        case ast.Name(id=name):
            return values[name]
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _EXTREMES[function]([_evaluate(argument, values) for argument in arguments])
        case ast.Constant(value=int() | float() as number):
            return Decimal(str(number))
        case _:
            raise TypeError(ast.dump(node))  # _check let it through: a bug of this module
