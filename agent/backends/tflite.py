"""tflite-runtime: `.tflite` files where LiteRT has no wheel, as on 32-bit ARM. Python 3.11 or older, numpy below 2."""

from agent.backends.flatbuffer.backend import FlatBufferBackend


class TFLiteBackend(FlatBufferBackend):
    name = "tflite"
    module = "tflite_runtime"
    distribution = "tflite-runtime"
