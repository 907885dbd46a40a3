"""Texts that are made of a Jinja template: a name that the template does not find is an error."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["render"]


def render(package: str, template: str, *, html: bool = False, **values: Any) -> str:
    """Fills a template of a package's folder `templates`.

    Args:
        package: The package, as `__package__` names it.
        template: Name of the file.
        html: Whether what is filled in is escaped.
        **values: What the template names, its filters among them.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["thousands"] = "{:,.0f}".format
    return environment.get_template(template).render(**values)
