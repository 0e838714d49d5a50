package dev.gyre;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.EncodedText;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.TextEncoding;
import dev.gyre.scheduler.TextEncoding.Wanted;
import dev.gyre.transformer.family.Config;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Gives texts, or their tokens, one of the labels that a model was trained for. Probabilities are as in Hugging Face's
 * pipelines. Of texts: softmax over the labels, or the sigmoid of each where a text can have several labels
 * ({@code problem_type} is {@code multi_label_classification}) or the model has only one; the model's number as it is where
 * {@code problem_type} is {@code regression}. Of tokens: always softmax. Safe for many threads, of which one at a time runs.
 */
public final class TextClassifier implements AutoCloseable {

    private final EncoderModel encoder;
    private final List<String> labels;
    private final ScoreFunction function;

    private TextClassifier(EncoderModel encoder, List<String> labels, ScoreFunction function) {
        this.encoder = encoder;
        this.labels = List.copyOf(labels);
        this.function = function;
    }

    /** What becomes of the numbers that the model gives the labels of a text. */
    private enum ScoreFunction {
        SOFTMAX,
        SIGMOID,
        NONE;

        /** As in Hugging Face's pipeline for texts. */
        static ScoreFunction of(Config config, int labels) {
            return switch (config.string("problem_type", "")) {
                case "regression" -> NONE;
                case "multi_label_classification" -> SIGMOID;
                case "single_label_classification", "" -> labels == 1 ? SIGMOID : SOFTMAX;
                default ->
                    throw config.wrong(
                            "problem_type",
                            config.fields().get("problem_type"),
                            "must be regression, single_label_classification or multi_label_classification");
            };
        }
    }

    /** A label and its probability, or what the model says as it is where it was trained for regression. */
    public record Label(String name, double probability) {}

    /** Two texts that are looked at together. */
    public record TextPair(String first, String second) {}

    /** A token and its label, the one of the highest probability. */
    public record TokenLabel(String token, String label, double probability) {}

    /**
     * Opens a model folder on the best device.
     *
     * @throws ModelFormatException if the folder does not hold a classifier that is understood
     * @throws dev.gyre.backend.DeviceException if no device can take it
     */
    public static TextClassifier open(Path model) {
        return builder(model).open();
    }

    /** Opens a model folder with more to say about how. */
    public static Builder builder(Path model) {
        return new Builder(model);
    }

    /** The labels of a text, the most probable first. */
    public List<Label> classify(String text) {
        return classify(List.of(text)).getFirst();
    }

    /**
     * The labels of texts, each with the most probable first.
     *
     * @throws IllegalStateException if the model labels tokens, not texts
     */
    public List<List<Label>> classify(List<String> texts) {
        requireTextLabels();
        return labelled(encoder.encode(texts.stream().map(encoder::ids).toList(), Wanted.SCORES));
    }

    /**
     * The labels of pairs of texts, as cross-encoders and models of inference (does the second follow from the first?)
     * read them: one sequence, token types telling the two apart where the model has such.
     *
     * @throws IllegalStateException if the model labels tokens, not texts
     * @throws IllegalArgumentException if the tokenizer has no rule for pairs
     * @throws dev.gyre.scheduler.SourceTooLongException if the two together are too long, unless {@link
     *     OverlongSource#TRUNCATE} was chosen: then the longer one is cut
     */
    public List<List<Label>> classifyPairs(List<TextPair> pairs) {
        requireTextLabels();
        return labelled(encoder.encodeSequences(
                pairs.stream().map(p -> encoder.pair(p.first(), p.second())).toList(), Wanted.SCORES));
    }

    private void requireTextLabels() {
        if (labelsTokens()) {
            throw new IllegalStateException(model().path() + " labels tokens, not texts: use classifyTokens");
        }
    }

    private List<List<Label>> labelled(List<EncodedText> texts) {
        List<List<Label>> results = new ArrayList<>(texts.size());
        for (EncodedText text : texts) {
            double[] p = probabilities(Objects.requireNonNull(text.scores(), "a text has tokens"), 0, function);
            List<Label> all = new ArrayList<>(p.length);
            for (int i = 0; i < p.length; i++) {
                all.add(new Label(labels.get(i), p[i]));
            }
            all.sort(Comparator.comparingDouble(Label::probability).reversed());
            results.add(List.copyOf(all));
        }
        return results;
    }

    /**
     * The tokens of texts with their labels, special tokens left out.
     *
     * @throws IllegalStateException if the model labels texts, not tokens
     */
    public List<List<TokenLabel>> classifyTokens(List<String> texts) {
        if (!labelsTokens()) {
            throw new IllegalStateException(model().path() + " labels texts, not tokens: use classify");
        }
        List<int[]> ids = texts.stream().map(encoder::ids).toList();
        List<EncodedText> encoded = encoder.encode(ids, Wanted.SCORES);
        List<List<TokenLabel>> results = new ArrayList<>(texts.size());
        for (int t = 0; t < encoded.size(); t++) {
            float[] scores = Objects.requireNonNull(encoded.get(t).scores(), "a text has tokens");
            List<String> tokens = encoder.tokenizer().targetTokens(ids.get(t));
            List<TokenLabel> each = new ArrayList<>(tokens.size());
            for (int i = 0; i < tokens.size(); i++) {
                if (!encoder.tokenizer().isSpecial(ids.get(t)[i])) {
                    each.add(best(tokens.get(i), probabilities(scores, i, ScoreFunction.SOFTMAX)));
                }
            }
            results.add(List.copyOf(each));
        }
        return results;
    }

    private TokenLabel best(String token, double[] p) {
        int best = 0;
        for (int i = 1; i < p.length; i++) {
            best = p[i] > p[best] ? i : best;
        }
        return new TokenLabel(token, labels.get(best), p[best]);
    }

    private double[] probabilities(float[] scores, int row, ScoreFunction function) {
        int n = labels.size();
        double[] p = new double[n];
        for (int i = 0; i < n; i++) {
            p[i] = scores[row * n + i];
        }
        return switch (function) {
            case SOFTMAX -> softmax(p);
            case SIGMOID ->
                Arrays.stream(p).map(score -> 1 / (1 + Math.exp(-score))).toArray();
            case NONE -> p;
        };
    }

    private static double[] softmax(double[] scores) {
        double greatest = Arrays.stream(scores).max().orElse(0);
        double[] p =
                Arrays.stream(scores).map(score -> Math.exp(score - greatest)).toArray();
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(e -> e / sum).toArray();
    }

    /** The labels by their numbers. */
    public List<String> labels() {
        return labels;
    }

    /** Whether it is tokens that get labels. */
    public boolean labelsTokens() {
        return encoder.encoding().perToken();
    }

    /** Token ids in, numbers out. */
    public TextEncoding encoding() {
        return encoder.encoding();
    }

    public ModelDirectory model() {
        return encoder.model();
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

    /** How to open a classifier. Every setting has a default. */
    public static final class Builder {

        private final Path folder;
        private EncoderModel.Settings settings = EncoderModel.Settings.DEFAULTS;

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

        /** Opens the model; throws what {@link TextClassifier#open} throws. */
        public TextClassifier open() {
            EncoderModel encoder = EncoderModel.open(folder, settings, "classification needs");
            try {
                int n = encoder.encoding().labels();
                if (n == 0) {
                    throw new ModelFormatException(folder + " holds a model without a classifier; gyre embed takes it");
                }
                Config config = Config.read(folder.resolve("config.json"));
                return new TextClassifier(encoder, names(config, n), ScoreFunction.of(config, n));
            } catch (RuntimeException | Error e) {
                encoder.close();
                throw e;
            }
        }

        private static List<String> names(Config config, int n) {
            JsonNode given = config.get("id2label");
            List<String> names = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                JsonNode name = given == null ? null : given.get(Integer.toString(i));
                names.add(name == null ? "LABEL_" + i : name.asText());
            }
            return names;
        }
    }
}
