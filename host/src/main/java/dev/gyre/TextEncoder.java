package dev.gyre;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.EncodedText;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.TextEncoding;
import dev.gyre.scheduler.TextEncoding.Wanted;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns text into vectors with an encoder-only model on a device. Pooling and normalisation are as the files of
 * sentence-transformers in the model's folder say; without such files the mean of all rows, not normalised. Safe for many
 * threads, of which one at a time runs.
 *
 * <pre>{@code
 * try (TextEncoder encoder = TextEncoder.open(Path.of("all-MiniLM-L6-v2"))) {
 *     float[] vector = encoder.embed("A sentence.");
 * }
 * }</pre>
 */
public final class TextEncoder implements AutoCloseable {

    private final EncoderModel encoder;
    private final Pooling pooling;
    private final List<Dense> dense;
    private final String prompt;
    private final boolean normalise;

    private TextEncoder(EncoderModel encoder, Pooling pooling, List<Dense> dense, String prompt, boolean normalise) {
        this.encoder = encoder;
        this.pooling = pooling;
        this.dense = dense;
        this.prompt = prompt;
        this.normalise = normalise;
    }

    /** The vector of a token within its text. */
    public record Token(String token, float[] vector) {}

    /**
     * Opens a model folder on the best device.
     *
     * @throws ModelFormatException if the folder does not hold a model that is understood
     * @throws dev.gyre.backend.DeviceException if no device can take it
     */
    public static TextEncoder open(Path model) {
        return builder(model).open();
    }

    /** Opens a model folder with more to say about how. */
    public static Builder builder(Path model) {
        return new Builder(model);
    }

    /** The vector of a text. */
    public float[] embed(String text) {
        return embed(List.of(text)).getFirst();
    }

    /**
     * The vectors of texts, in their order. They run together. The default prompt of the model's files, if they name one,
     * stands before each.
     *
     * @throws dev.gyre.scheduler.SourceTooLongException if a text is longer than {@link #maxLength}, unless {@link
     *     OverlongSource#TRUNCATE} was chosen
     * @throws dev.gyre.backend.DeviceException if the device fails
     * @throws IllegalStateException if this is closed
     */
    public List<float[]> embed(List<String> texts) {
        return embedIds(texts.stream().map(t -> encoder.ids(prompt + t)).toList());
    }

    /** The vectors of texts whose tokens are given: exactly these, nothing is added. */
    public List<float[]> embedIds(List<int[]> texts) {
        List<float[]> vectors = new ArrayList<>(texts.size());
        for (EncodedText text : encoder.encode(texts, pooling.wanted())) {
            boolean empty = text.rows() == null && text.pooled() == null;
            float[] vector = empty ? new float[columns()] : pooling.of(text, columns());
            for (Dense module : dense) {
                vector = module.of(vector);
            }
            vectors.add(normalise ? normalised(vector) : vector);
        }
        return vectors;
    }

    /** The vector of every token of a text, special ones included: rows of the last layer as they are. */
    public List<Token> tokens(String text) {
        int[] ids = encoder.ids(text);
        float[] rows = Objects.requireNonNull(
                encoder.encode(List.of(ids), Wanted.ROWS).getFirst().rows(), "a text has tokens");
        List<String> names = tokenizer().targetTokens(ids);
        List<Token> tokens = new ArrayList<>(ids.length);
        for (int i = 0; i < ids.length; i++) {
            tokens.add(new Token(names.get(i), Arrays.copyOfRange(rows, i * columns(), (i + 1) * columns())));
        }
        return tokens;
    }

    /** The cosine of the angle between two vectors of the same length; 0 if one is zero. */
    public static double cosine(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException("vectors of " + a.length + " and " + b.length + " numbers");
        }
        double product = 0;
        double squareA = 0;
        double squareB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            squareA += (double) a[i] * a[i];
            squareB += (double) b[i] * b[i];
        }
        return squareA == 0 || squareB == 0 ? 0 : product / Math.sqrt(squareA * squareB);
    }

    private static float[] normalised(float[] vector) {
        double square = 0;
        for (float v : vector) {
            square += (double) v * v;
        }
        // As torch.nn.functional.normalize: a zero vector stays one.
        double length = Math.max(Math.sqrt(square), 1e-12);
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return unit;
    }

    /** Numbers of a text's vector. Vectors of tokens are as wide as the model, before its dense modules. */
    public int width() {
        return dense.isEmpty() ? columns() : dense.getLast().outputs();
    }

    private int columns() {
        return encoder.encoding().width();
    }

    /** Tokens of a text at most. */
    public int maxLength() {
        return encoder.longest();
    }

    public Pooling pooling() {
        return pooling;
    }

    /** Whether vectors have length 1. */
    public boolean normalises() {
        return normalise;
    }

    /** Token ids in, numbers out. */
    public TextEncoding encoding() {
        return encoder.encoding();
    }

    public ModelDirectory model() {
        return encoder.model();
    }

    /**
     * Text to ids and back.
     *
     * @throws ModelFormatException if the model's folder has no files for it
     */
    public Tokenizer tokenizer() {
        return encoder.tokenizer();
    }

    /** The device that was taken. */
    public DeviceDescription device() {
        return encoder.encoding().device();
    }

    /** Frees the device and the model. Closing twice is no error. */
    @Override
    public void close() {
        encoder.close();
    }

    /** How to open an encoder. Every setting has a default. */
    public static final class Builder {

        private final Path folder;
        private EncoderModel.Settings settings = EncoderModel.Settings.DEFAULTS;
        private @Nullable Pooling pooling;
        private @Nullable Boolean normalise;

        private Builder(Path folder) {
            this.folder = folder;
        }

        /** {@code auto}, the name of a backend, or {@code opencl:0}; see {@link DevicePicker}. */
        public Builder device(String spec) {
            settings = settings.withDevice(spec);
            return this;
        }

        /** How the device is opened. */
        public Builder deviceOptions(DeviceOptions options) {
            settings = settings.withDeviceOptions(options);
            return this;
        }

        /** Tokens computed at once, which is also the most that a text can have; 0 for what is usual. */
        public Builder batchTokens(int tokens) {
            settings = settings.withBatchTokens(tokens);
            return this;
        }

        /** What happens to texts that are too long. */
        public Builder overlong(OverlongSource rule) {
            settings = settings.withOverlong(rule);
            return this;
        }

        /** Another way of pooling than that of the model's files. */
        public Builder pooling(Pooling how) {
            pooling = how;
            return this;
        }

        /** Whether vectors are to have length 1, whatever the model's files say. */
        public Builder normalise(boolean unit) {
            normalise = unit;
            return this;
        }

        /** Opens the model; throws what {@link TextEncoder#open} throws. */
        public TextEncoder open() {
            SentenceTransformer files = SentenceTransformer.read(folder);
            EncoderModel encoder = EncoderModel.open(folder, settings.withLongest(files.longest()), "embedding needs");
            Pooling how = pooling != null ? pooling : files.pooling() != null ? files.pooling() : Pooling.MEAN;
            if (how == Pooling.POOLER && !encoder.encoding().pools()) {
                encoder.close();
                throw new ModelFormatException(
                        folder + " holds a model without a pooler of its own; choose mean or cls pooling");
            }
            requireFitting(encoder, files.dense());
            return new TextEncoder(
                    encoder, how, files.dense(), files.prompt(), normalise != null ? normalise : files.normalise());
        }

        private void requireFitting(EncoderModel encoder, List<Dense> dense) {
            int width = encoder.encoding().width();
            for (Dense module : dense) {
                if (module.inputs() != width) {
                    encoder.close();
                    throw new ModelFormatException(folder + " has a dense module that takes " + module.inputs()
                            + " numbers (in_features); what comes before it gives " + width);
                }
                width = module.outputs();
            }
        }
    }
}
