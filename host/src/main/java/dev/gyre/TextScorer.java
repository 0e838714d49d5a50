package dev.gyre;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Option;
import dev.gyre.models.ModelDefaults;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.Scoring;
import dev.gyre.scheduler.Scoring.Pair;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says how probable a model finds given translations of given texts, or, of a decoder-only model, given texts: the
 * log-probability of every token, as in training (teacher forcing), without the options of generation. Safe for many
 * threads, of which one at a time runs.
 */
public final class TextScorer implements AutoCloseable {

    private final ModelDirectory model;
    private final Scoring scoring;
    private final @Nullable String sourceLanguage;
    private final @Nullable String targetLanguage;
    private final GenerationOptions defaults;

    private TextScorer(ModelDirectory model, Scoring scoring, Builder builder) {
        this.model = model;
        this.scoring = scoring;
        this.sourceLanguage = builder.sourceLanguage;
        this.targetLanguage = builder.targetLanguage;
        this.defaults = ModelDefaults.of(model);
    }

    /** A text and a translation of it. */
    public record Translated(String source, String target) {}

    /**
     * Opens a model folder on the best device.
     *
     * @throws ModelFormatException if the folder does not hold a model that generates
     * @throws dev.gyre.backend.DeviceException if no device can take it
     */
    public static TextScorer open(Path model) {
        return builder(model).open();
    }

    /** Opens a model folder with more to say about how. */
    public static Builder builder(Path model) {
        return new Builder(model);
    }

    /** Whether it is translations that are scored, not texts. */
    public boolean scoresTranslations() {
        return model.transformer().encoder() != null;
    }

    /**
     * Scores translations, together; results in their order.
     *
     * @throws IllegalStateException if the model is decoder-only
     * @throws ModelFormatException if it has no tokenizer
     * @throws IllegalArgumentException if a text is too long, or a language is missing or not known
     */
    public List<Score> score(List<Translated> translations) {
        if (!scoresTranslations()) {
            throw new IllegalStateException(model.path() + " is decoder-only: use scoreTexts");
        }
        List<Pair> pairs = new ArrayList<>(translations.size());
        for (Translated t : translations) {
            int[] source = sourceLanguage == null
                    ? tokenizer().encode(t.source())
                    : tokenizer().encode(t.source(), sourceLanguage);
            pairs.add(new Pair(source, target(t.target())));
        }
        return scored(pairs);
    }

    /**
     * Scores texts, together; results in their order. The first token of a text is given, not scored.
     *
     * @throws IllegalStateException if the model has an encoder
     * @throws ModelFormatException if it has no tokenizer
     */
    public List<Score> scoreTexts(List<String> texts) {
        if (scoresTranslations()) {
            throw new IllegalStateException(model.path() + " has an encoder: use score with sources");
        }
        return scored(texts.stream()
                .map(t -> new Pair(new int[0], tokenizer().encode(t)))
                .toList());
    }

    /** The start token, then what the model would write. */
    private int[] target(String text) {
        Integer start = defaults.get(Option.DECODER_START_TOKEN_ID);
        if (start == null) {
            start = defaults.get(Option.BOS_TOKEN_ID);
        }
        int[] ids = tokenizer().encodeTarget(text, targetLanguage);
        if (targetLanguage != null && tokenizer().languageStarts()) {
            start = tokenizer().languageId(targetLanguage);
            ids = Arrays.copyOf(ids, ids.length - 1);
        }
        if (start == null) {
            throw new IllegalArgumentException(
                    model.path() + " does not say what a target begins with: decoder_start_token_id is not set");
        }
        int[] all = new int[ids.length + 1];
        all[0] = start;
        System.arraycopy(ids, 0, all, 1, ids.length);
        return all;
    }

    private List<Score> scored(List<Pair> pairs) {
        List<float[]> numbers = scoring.score(pairs);
        List<Score> scores = new ArrayList<>(pairs.size());
        for (int i = 0; i < pairs.size(); i++) {
            int[] target = pairs.get(i).target();
            List<Float> each = new ArrayList<>(numbers.get(i).length);
            for (float number : numbers.get(i)) {
                each.add(number);
            }
            int[] asked = target.length == 0 ? target : Arrays.copyOfRange(target, 1, target.length);
            scores.add(new Score(tokenizer().targetTokens(asked), each));
        }
        return scores;
    }

    /** Token ids in, numbers out. */
    public Scoring scoring() {
        return scoring;
    }

    public ModelDirectory model() {
        return model;
    }

    /**
     * Text to ids and back.
     *
     * @throws ModelFormatException if the model's folder has no files for it
     */
    public Tokenizer tokenizer() {
        return model.requireTokenizer("scored");
    }

    /** The device that was taken. */
    public DeviceDescription device() {
        return scoring.device();
    }

    /** Frees the device and the model. Closing twice is no error. */
    @Override
    public void close() {
        scoring.close();
        model.close();
    }

    /** How to open a scorer. Every setting has a default. */
    public static final class Builder {

        private final Path folder;
        private String device = DevicePicker.AUTO;
        private DeviceOptions deviceOptions = DeviceOptions.DEFAULTS;
        private int maxLength;
        private @Nullable String sourceLanguage;
        private @Nullable String targetLanguage;

        private Builder(Path folder) {
            this.folder = folder;
        }

        /** {@code auto}, the name of a backend, or {@code opencl:0}; see {@link DevicePicker}. */
        public Builder device(String spec) {
            device = spec;
            return this;
        }

        /** How the device is opened. */
        public Builder deviceOptions(DeviceOptions options) {
            deviceOptions = options;
            return this;
        }

        /** Tokens of a source and of a target at most; 0 for 256. */
        public Builder maxLength(int tokens) {
            maxLength = tokens;
            return this;
        }

        /** The language of the sources, by the code that a many-to-many model has for it. */
        public Builder sourceLanguage(String code) {
            sourceLanguage = code;
            return this;
        }

        /** The language of the targets, by the model's code. */
        public Builder targetLanguage(String code) {
            targetLanguage = code;
            return this;
        }

        /** Opens the model; throws what {@link TextScorer#open} throws. */
        public TextScorer open() {
            ModelDirectory model = DevicePicker.whileDriversLoad(device, () -> ModelDirectory.open(folder));
            try {
                if (model.transformer().decoder() == null) {
                    throw new ModelFormatException(folder + " holds a "
                            + model.transformer().family() + " model, which is encoder-only and generates nothing");
                }
                Scoring scoring = DevicePicker.open(
                        device,
                        deviceOptions,
                        model.transformer(),
                        d -> new Scoring(d, model.transformer(), model.weights(), maxLength));
                return new TextScorer(model, scoring, this);
            } catch (RuntimeException | Error e) {
                model.close();
                throw e;
            }
        }
    }
}
