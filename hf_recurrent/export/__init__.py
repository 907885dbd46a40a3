"""Models for inference on other runtimes, or with fewer bits."""

from .int8 import quantize_dynamic as quantize_dynamic
