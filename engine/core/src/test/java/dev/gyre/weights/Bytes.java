package dev.gyre.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Little-endian bytes of a file in the making. */
final class Bytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes u8(int value) {
        out.write(value);
        return this;
    }

    Bytes u16(int value) {
        return with(2, b -> b.putShort((short) value));
    }

    Bytes u32(long value) {
        return with(4, b -> b.putInt((int) value));
    }

    Bytes u64(long value) {
        return with(8, b -> b.putLong(value));
    }

    Bytes floats(float... values) {
        return with(4 * values.length, b -> {
            for (float v : values) {
                b.putFloat(v);
            }
        });
    }

    Bytes raw(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Bytes text(String text) {
        return raw(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] array() {
        return out.toByteArray();
    }

    /** A safetensors file of a header and data. */
    static byte[] safetensors(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return new Bytes().u64(json.length).raw(json).raw(data).array();
    }

    static Path write(Path file, byte[] bytes) {
        try {
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Bytes with(int length, Consumer<ByteBuffer> fill) {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        fill.accept(buffer);
        return raw(buffer.array());
    }
}
