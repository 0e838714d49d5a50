package dev.gyre.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads a {@code model.bin} from front to back; each step checks that the file goes that far. */
final class CTranslate2File {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MappedFile file;
    private long position;

    CTranslate2File(MappedFile file) {
        this.file = file;
    }

    long position() {
        return position;
    }

    long remaining() {
        return file.size() - position;
    }

    int u8(String what) {
        return file.bytes().get(ValueLayout.JAVA_BYTE, advance(1, what)) & 0xff;
    }

    int u16(String what) {
        return file.bytes().get(SHORT, advance(2, what)) & 0xffff;
    }

    long u32(String what) {
        return file.bytes().get(INT, advance(4, what)) & 0xffff_ffffL;
    }

    /** A string: u16 length, which counts the NUL at the end, then UTF-8 bytes. */
    String string(String what) {
        int length = u16(what + "'s length");
        if (length == 0) {
            throw failure(what + " has length 0; a string has at least its final NUL");
        }
        long at = advance(length, what);
        if (file.bytes().get(ValueLayout.JAVA_BYTE, at + length - 1) != 0) {
            throw failure(what + " does not end in NUL");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(file.bytes().asSlice(at, length - 1).asByteBuffer())
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(file.path() + ", byte " + at + ": " + what + " is not UTF-8", e);
        }
    }

    MemorySegment bytes(long count, String what) {
        return file.bytes().asSlice(advance(count, what), count);
    }

    ModelFormatException failure(String message) {
        return new ModelFormatException(file.path() + ", byte " + position + ": " + message);
    }

    private long advance(long count, String what) {
        if (count > remaining()) {
            throw failure(what + " needs " + count + " bytes, the file has " + remaining()
                    + " more; it is cut off or damaged, get it again");
        }
        long at = position;
        position += count;
        return at;
    }
}
