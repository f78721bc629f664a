"""All encodings of a document, and which of them a federation asks for."""

from agent.federation.encoding.encoding import Encoding
from agent.federation.encoding.floats import Float16, Float32
from agent.federation.encoding.int8 import Int8
from agent.federation.encoding.top_k import TopK
from shared.documents.federation import EncodingKind, UpdateEncoding

AnyEncoding = Float32 | Float16 | Int8 | TopK


def encoding(asked: UpdateEncoding) -> Encoding:
    match asked.kind:
        case EncodingKind.FLOAT32:
            return Float32()
        case EncodingKind.FLOAT16:
            return Float16()
        case EncodingKind.INT8:
            return Int8()
        case EncodingKind.TOP_K:
            return TopK(share=asked.share)
