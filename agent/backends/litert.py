"""LiteRT, the default: `.tflite` files on any recent Python."""

from agent.backends.flatbuffer.backend import FlatBufferBackend


class LiteRTBackend(FlatBufferBackend):
    name = "litert"
    module = "ai_edge_litert"
    distribution = "ai-edge-litert"
