package dev.gyre.fuzz;

import dev.gyre.weights.CTranslate2Checkpoint;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * The property of every loader: whatever the bytes are, it gives a checkpoint whose every tensor can be read, or a
 * {@link ModelFormatException} of one line that names the file. Nothing else is thrown, and nothing is as large as a
 * header says but as the file is.
 */
enum Loaders {
    /** The bytes are a file. */
    SAFETENSORS("model.safetensors", Safetensors::open),
    /** The bytes are a header; its length before it is right, and some data follow. */
    SAFETENSORS_HEADER("model.safetensors", Safetensors::open) {
        @Override
        byte[] file(byte[] header) {
            return ByteBuffer.allocate(Long.BYTES + header.length + 36)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .put(header)
                    .array();
        }
    },
    /** The bytes are an index beside a shard that is right. */
    SHARD_INDEX("model.safetensors.index.json", Safetensors::open) {
        @Override
        void check(Path folder, byte[] bytes) {
            write(folder.resolve("shard-1.safetensors"), SAFETENSORS_HEADER.file(SHARD_HEADER));
            super.check(folder, bytes);
        }
    },
    /** The bytes are a model.bin. */
    CTRANSLATE2("model.bin", CTranslate2Checkpoint::open);

    private static final byte[] SHARD_HEADER = """
            {"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[3],"data_offsets":[24,36]}}""".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    private static final int LONGEST_MESSAGE = 2000;

    private final String fileName;
    private final Function<Path, Checkpoint> open;

    Loaders(String fileName, Function<Path, Checkpoint> open) {
        this.fileName = fileName;
        this.open = open;
    }

    /** The first byte of a fuzz test's input says which loader the rest is for. */
    static Loaders chosenBy(byte[] input) {
        return values()[input.length == 0 ? 0 : (input[0] & 0xff) % values().length];
    }

    /** What the file holds for these bytes. */
    byte[] file(byte[] bytes) {
        return bytes;
    }

    /** Throws an AssertionError, or whatever the loader should not have thrown. */
    void check(Path folder, byte[] bytes) {
        Path file = folder.resolve(fileName);
        byte[] content = file(bytes);
        write(file, content);
        try (Checkpoint checkpoint = open.apply(file)) {
            long length = content.length + (this == SHARD_INDEX ? 1000 : 0);
            for (String name : checkpoint.names()) {
                readAll(checkpoint, name, length);
            }
        } catch (ModelFormatException e) {
            requireOneLine(String.valueOf(e.getMessage()), folder);
        }
    }

    private static void readAll(Checkpoint checkpoint, String name, long fileLength) {
        long elements = 1;
        for (int axis : checkpoint.shape(name)) {
            elements = Math.multiplyExact(elements, axis);
        }
        if (elements > fileLength) {
            throw new AssertionError(name + " has " + elements + " elements in a file of " + fileLength + " bytes");
        }
        if (checkpoint.storedType(name).isBlank()) {
            throw new AssertionError(name + " has no type");
        }
        int count = (int) elements;
        checkpoint.read(name, 0, count, new float[count + 1], 1);
        try {
            checkpoint.read(name, 1, count, new float[count], 0);
            throw new AssertionError(name + " can be read behind its end");
        } catch (IndexOutOfBoundsException e) {
            // as it must be
        }
    }

    private static void requireOneLine(String message, Path folder) {
        if (message.isBlank()
                || message.length() > LONGEST_MESSAGE
                || message.chars().anyMatch(Character::isISOControl)) {
            throw new AssertionError("not one line of at most " + LONGEST_MESSAGE + " characters: " + message);
        }
        if (!message.contains(folder.toString())) {
            throw new AssertionError("does not name the file: " + message);
        }
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
