"""What makes a new execution environment ready sooner; the first that a function's module imports of this package.

A dataclass writes the source of its methods and compiles it when its module is imported: for some 250 of them that is a
quarter of all importing, anew in each execution environment. The layer's build does it once and for all, as Python does
for modules: `precompile` writes the code next to this file, and `dataclasses` is handed it instead of compiling again.
Whatever has no code there, or code of another Python, is compiled as ever.

And nothing is collected as garbage before the first run is over: imports and botocore's models of services are hundreds
of thousands of objects that stay, and looking through them again and again takes as long as importing boto3 does.
"""

import builtins
import dataclasses
import gc
import hashlib
import importlib
import importlib.util
import marshal
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

FILE = Path(__file__).with_name("__pycache__") / "dataclasses.bin"
_PLAIN = 2
"""Marshal's last format whose bytes do not depend on who else refers to an object: the same for every build."""

type _Compiled = Mapping[bytes, bytes]


def _key(source: str) -> bytes:
    return hashlib.blake2b(source.encode(), digest_size=16).digest()


def precompile(modules: Iterable[str], file: Path = FILE) -> int:
    """Import the modules, keep the code of all dataclasses that were made by that, and return how many there are."""
    compiled: dict[bytes, bytes] = {}

    def compiling(source: str, *scopes: Any) -> None:
        code = compile(source, "<dataclass>", "exec")
        compiled[_key(source)] = marshal.dumps(code, _PLAIN)
        builtins.exec(code, *scopes)  # noqa: S102 - as `dataclasses` does

    _execute_by(compiling)
    try:
        for module in modules:
            importlib.import_module(module)
    finally:
        _execute_by(builtins.exec)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(importlib.util.MAGIC_NUMBER + marshal.dumps(dict(sorted(compiled.items())), _PLAIN))
    return len(compiled)


def read(file: Path = FILE) -> _Compiled:
    """The code that was kept by this very Python; nothing where there is none."""
    try:
        content = file.read_bytes()
    except OSError:
        return {}
    magic = importlib.util.MAGIC_NUMBER
    found: _Compiled = marshal.loads(content[len(magic) :]) if content.startswith(magic) else {}  # noqa: S302 - our own
    return found


def use(compiled: _Compiled) -> None:
    """Hand `dataclasses` that code from here on."""

    def executing(source: str, *scopes: Any) -> None:
        kept = compiled.get(_key(source))
        code: CodeType | str = source if kept is None else marshal.loads(kept)  # noqa: S302 - our own
        builtins.exec(code, *scopes)  # noqa: S102 - as `dataclasses` does

    if compiled:
        _execute_by(executing)


def _execute_by(execute: Any) -> None:
    # `dataclasses` calls the built-in `exec`, so that a global of that name goes first.
    vars(dataclasses)["exec"] = execute


def settled() -> None:
    """The first run is over: what is there by now stays, and garbage is collected from here on."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


use(read())
if "LAMBDA_TASK_ROOT" in os.environ:
    gc.disable()
