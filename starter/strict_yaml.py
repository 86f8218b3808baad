"""YAML as rules are written in it: a small part of the language, and no surprises.

Rules are typed by people, and YAML is full of readings nobody meant: a key given twice silently
wins, `no` is a boolean, `17:00` is a number in base sixty. Here a key may stand once, only plain
integers, `true`, `false` and `null` are more than text, and references and tags are refused.
Dates stay text, to be read by the models that know they are dates.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

_INTEGER = re.compile(r"^-?(?:0|[1-9][0-9]*)$")
_BOOLEAN = re.compile(r"^(?:true|false)$")
_NULL = re.compile(r"^(?:null|)$")


class _Loader(yaml.SafeLoader):
    """The safe loader with fewer readings and no second chances."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        parser: Any = self
        event = parser.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise _at(event, "不能引用别处 (*)", "a reference (*) is not allowed")
        if getattr(event, "tag", None):
            raise _at(event, "不能指定类型 (!)", "a tag (!) is not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int):
                raise _at(key_node, "键必须是文字", "a key must be a plain word")
            if key in keys:
                raise _at(key_node, f"键 {key} 重复", f"key {key} is given twice")
            keys.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _INTEGER, list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOLEAN, list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", _NULL, ["n", ""])


def parse_mapping(content: bytes) -> dict[str, Any]:
    """The mapping a UTF-8 YAML file holds.

    Raises ValueError with a reason (Chinese first) where the bytes are not UTF-8, not YAML of this
    kind, or anything but one mapping.
    """
    try:
        found = yaml.load(content.decode("utf-8-sig"), _Loader)  # noqa: S506 - a safe loader
    except UnicodeDecodeError as error:
        raise ValueError(f"不是 UTF-8 编码 / not UTF-8 text (byte {error.start})") from error
    except RecursionError as error:
        raise ValueError("嵌套过深 / nested too deeply") from error
    except yaml.YAMLError as error:
        raise ValueError(_told(error)) from error
    if found is None:
        raise ValueError("文件是空的 / the file is empty")
    if not isinstance(found, dict):
        raise ValueError("应为键值表 / expected a mapping of keys to values")
    return found


class _RefusedError(yaml.MarkedYAMLError):
    """Proper YAML, but not of the kind allowed here; its problem is already told in words."""


def _at(place: Any, zh: str, en: str) -> _RefusedError:
    return _RefusedError(problem=f"{zh} / {en}", problem_mark=place.start_mark)


def _told(error: yaml.YAMLError) -> str:
    """One line: where and what, without the parser's excerpt of the file."""
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    if not isinstance(error, _RefusedError):
        what = f"不是有效的 YAML / not valid YAML: {what}"
    mark = getattr(error, "problem_mark", None)
    return f"第 {mark.line + 1} 行 / line {mark.line + 1}: {what}" if mark else what
