package dev.gyre;

import dev.gyre.backend.DeviceOptions;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.AttentionRun;
import dev.gyre.scheduler.Seq2SeqRequest;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a model looks: every attention weight of one text (Vaswani et al., section 3.2), with its tokens.
 *
 * @param source tokens that the encoder read; none of a decoder-only model
 * @param target tokens that the decoder read, start token first; none of an encoder-only model
 */
public record Attention(List<String> source, List<String> target, AttentionRun.Result weights) {

    public Attention {
        source = List.copyOf(source);
        target = List.copyOf(target);
    }

    /**
     * Reads a text.
     *
     * @param target the target of an encoder-decoder; null for what the model itself makes of the text
     * @throws ModelFormatException if the folder does not hold a model that is understood, or has no tokenizer
     * @throws IllegalArgumentException if a text is longer than the model takes
     */
    public static Attention of(
            Path folder, String text, @Nullable String target, String device, DeviceOptions options) {
        return of(folder, text, target, AttentionLanguages.NONE, device, options);
    }

    /**
     * As {@link #of(Path, String, String, String, DeviceOptions)}, of a model that translates between many languages.
     *
     * @throws IllegalArgumentException if a text is longer than the model takes, or the model does not know a language
     */
    public static Attention of(
            Path folder,
            String text,
            @Nullable String target,
            AttentionLanguages languages,
            String device,
            DeviceOptions options) {
        int[] generated = target == null ? generated(folder, text, languages, device, options) : new int[0];
        try (ModelDirectory model = ModelDirectory.open(folder)) {
            Tokenizer tokenizer = model.requireTokenizer("attended to");
            boolean encodes = model.transformer().encoder() != null;
            boolean decodes = model.transformer().decoder() != null;
            if (target != null && !(encodes && decodes)) {
                throw new IllegalArgumentException("a target is for models with encoder and decoder; this is a "
                        + model.transformer().family() + " model");
            }
            int[] ids = source(tokenizer, text, languages);
            int[] read = !decodes
                    ? new int[0]
                    : !encodes ? ids : target == null ? generated : started(model, tokenizer, target, languages);
            int[] source = encodes ? ids : new int[0];
            AttentionRun.Result weights = DevicePicker.open(
                    device,
                    options,
                    model.transformer(),
                    d -> AttentionRun.of(d, model.transformer(), model.weights(), source, read));
            return new Attention(names(tokenizer, source, decodes), tokenizer.targetTokens(read), weights);
        }
    }

    private static int[] source(Tokenizer tokenizer, String text, AttentionLanguages languages) {
        if (languages.target() != null) {
            tokenizer.languageId(languages.target());
        }
        return languages.source() == null ? tokenizer.encode(text) : tokenizer.encode(text, languages.source());
    }

    /** Start token and target without its end: what the decoder is given. */
    private static int[] started(ModelDirectory model, Tokenizer tokenizer, String text, AttentionLanguages languages) {
        String language = languages.target();
        int[] target = tokenizer.encodeTarget(text, language);
        boolean languageStarts = language != null && tokenizer.languageStarts();
        int start = languageStarts
                ? tokenizer.languageId(language)
                : model.special()
                        .decoderStart()
                        .orElseGet(() -> model.special()
                                .begin()
                                .orElseThrow(() -> new ModelFormatException(model.path()
                                        + " does not say what a target begins with: decoder_start_token_id is not"
                                        + " set")));
        // The end token, and the language behind it where that starts: the decoder writes them, if at all, last.
        int[] read = new int[target.length - (languageStarts ? 1 : 0)];
        read[0] = start;
        System.arraycopy(target, 0, read, 1, read.length - 1);
        return read;
    }

    private static int[] generated(
            Path folder, String text, AttentionLanguages languages, String device, DeviceOptions options) {
        try (ModelDirectory model = ModelDirectory.open(folder)) {
            if (model.transformer().decoder() == null || model.transformer().encoder() == null) {
                return new int[0];
            }
        }
        Translator.Builder builder = Translator.builder(folder).device(device).deviceOptions(options);
        if (languages.source() != null) {
            builder.sourceLanguage(languages.source());
        }
        if (languages.target() != null) {
            builder.targetLanguage(languages.target());
        }
        try (Translator translator = builder.open()) {
            int[] ids = source(translator.tokenizer(), text, languages);
            Hypothesis best = translator
                    .seq2seq()
                    .generate(List.of(new Seq2SeqRequest(ids, GenerationOptions.DEFAULTS, 0)))
                    .getFirst()
                    .getFirst();
            int[] sequence = best.sequence();
            return best.ended() ? Arrays.copyOf(sequence, sequence.length - 1) : sequence;
        }
    }

    private static List<String> names(Tokenizer tokenizer, int[] ids, boolean separate) {
        return separate ? tokenizer.sourceTokens(ids) : tokenizer.targetTokens(ids);
    }

    /**
     * The source token that each target token looks at most, in the mean of a layer's heads: a hard alignment. The decoder
     * reads a token and writes the next, so row t says where the token behind {@code target[t]} comes from.
     *
     * @param layer of the decoder
     */
    public int[] alignment(int layer) {
        return alignment(layer, -1);
    }

    /**
     * As {@link #alignment(int)}, of one head.
     *
     * @param head from 0; -1 for the mean of all
     */
    public int[] alignment(int layer, int head) {
        float[][][] heads = weights.cross().get(layer).weights();
        int[] aligned = new int[target.size()];
        for (int t = 0; t < aligned.length; t++) {
            double best = -1;
            for (int s = 0; s < source.size(); s++) {
                double w = weight(heads, head, t, s);
                if (w > best) {
                    best = w;
                    aligned[t] = s;
                }
            }
        }
        return aligned;
    }

    /** What query q pays to key k: in one head, or for -1 in the mean of all. */
    static double weight(float[][][] heads, int head, int q, int k) {
        if (head >= 0) {
            return heads[head][q][k];
        }
        double sum = 0;
        for (float[][] h : heads) {
            sum += h[q][k];
        }
        return sum / heads.length;
    }

    /** What can be looked at: a name and the layers. */
    List<View> views() {
        List<View> views = new ArrayList<>();
        add(views, "cross: target over source", weights.cross(), target, source);
        add(views, "encoder: source over itself", weights.encoder(), source, source);
        add(views, "decoder: target over its past", weights.decoder(), target, target);
        return views;
    }

    private static void add(
            List<View> views, String name, List<AttentionRun.Layer> layers, List<String> queries, List<String> keys) {
        if (!layers.isEmpty()) {
            views.add(new View(name, layers, queries, keys));
        }
    }

    /** One kind of attention. */
    record View(String name, List<AttentionRun.Layer> layers, List<String> queries, List<String> keys) {}
}
