"""All encodings of a document."""

from agent.federation.encoding.floats import Float16, Float32
from agent.federation.encoding.int8 import Int8
from agent.federation.encoding.top_k import TopK

AnyEncoding = Float32 | Float16 | Int8 | TopK
