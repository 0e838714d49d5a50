package dev.gyre.tokens;

import ai.djl.util.Utils;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;

/** A library of native code that a tokenizer needs; loaded before its file, so that each is blamed for its own. */
enum NativeLibrary {
    SENTENCE_PIECE("SentencePiece's") {
        @Override
        void load() {
            ai.djl.sentencepiece.jni.LibUtils.loadLibrary();
        }
    },
    TOKENIZERS("the tokenizers'") {
        @Override
        void load() {
            ai.djl.huggingface.tokenizers.jni.LibUtils.checkStatus();
        }
    };

    private final String whose;
    private volatile boolean loaded;

    NativeLibrary(String whose) {
        this.whose = whose;
    }

    abstract void load();

    /**
     * Loads it, if it is not loaded.
     *
     * @param file what it is needed for, for messages
     * @throws ModelFormatException if it cannot be, in one line that says where it is unpacked and what to set
     */
    void require(String file) {
        if (loaded) {
            return;
        }
        try {
            // What DJL says itself of a folder that cannot be made is something else.
            Files.createDirectories(Utils.getEngineCacheDir());
            load();
            loaded = true;
        } catch (IOException | RuntimeException | LinkageError e) {
            throw new ModelFormatException(
                    file + " needs " + whose + " native library, which cannot be unpacked into "
                            + Utils.getEngineCacheDir() + " and loaded from there (" + reason(e)
                            + "): set DJL_CACHE_DIR to a folder that can be written to and that libraries may be loaded"
                            + " from",
                    e);
        }
    }

    /** The innermost cause: what stands around it says no more than that something failed. */
    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getClass().getSimpleName() + ": "
                + String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }
}
