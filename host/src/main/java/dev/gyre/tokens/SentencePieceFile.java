package dev.gyre.tokens;

import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pieces of a SentencePiece model in the order of their ids. Only they are read here (field 1 of the protocol buffer
 * {@code ModelProto}, and in each its field 1, the text); cutting text is the library's work.
 */
final class SentencePieceFile {

    private static final int BYTES = 2;

    private SentencePieceFile() {}

    static List<String> pieces(Path file) {
        ByteBuffer model;
        try {
            model = ByteBuffer.wrap(Files.readAllBytes(file));
        } catch (IOException e) {
            throw ModelFormatException.unreadable(file, e);
        }
        List<String> pieces = new ArrayList<>();
        try {
            while (model.hasRemaining()) {
                long tag = varint(model);
                if (tag == (1 << 3 | BYTES)) {
                    pieces.add(text(bytes(model)));
                } else {
                    skip(model, (int) tag & 7);
                }
            }
        } catch (IllegalArgumentException | java.nio.BufferUnderflowException e) {
            throw new ModelFormatException(
                    file + " is not a SentencePiece model: it ends or breaks after " + pieces.size() + " pieces", e);
        }
        if (pieces.isEmpty()) {
            throw new ModelFormatException(file + " is not a SentencePiece model: it has no pieces");
        }
        return pieces;
    }

    private static String text(ByteBuffer piece) {
        while (piece.hasRemaining()) {
            long tag = varint(piece);
            if (tag == (1 << 3 | BYTES)) {
                return StandardCharsets.UTF_8.decode(bytes(piece)).toString();
            }
            skip(piece, (int) tag & 7);
        }
        return "";
    }

    private static ByteBuffer bytes(ByteBuffer in) {
        long length = varint(in);
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("length " + length);
        }
        ByteBuffer part = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        return part;
    }

    private static void skip(ByteBuffer in, int type) {
        switch (type) {
            case 0 -> varint(in);
            case 1 -> in.position(in.position() + Long.BYTES);
            case BYTES -> bytes(in);
            case 5 -> in.position(in.position() + Integer.BYTES);
            default -> throw new IllegalArgumentException("wire type " + type);
        }
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number that does not end");
    }
}
