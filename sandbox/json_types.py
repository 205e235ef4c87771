"""What JSON can hold."""

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None
