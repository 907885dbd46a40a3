"""Models for inference elsewhere or in fewer bits."""

from .int8 import quantize_dynamic

__all__ = ["quantize_dynamic"]
