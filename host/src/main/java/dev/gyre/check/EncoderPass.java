package dev.gyre.check;

import dev.gyre.backend.Device;
import dev.gyre.check.CheckResult.TensorError;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.EncodedText;
import dev.gyre.scheduler.TextEncoding;
import dev.gyre.scheduler.TextEncoding.Sequence;
import dev.gyre.scheduler.TextEncoding.Wanted;
import dev.gyre.weights.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An encoder-only model over a case, and how far its rows, pooled rows and scores are off. */
final class EncoderPass {

    private static final Set<String> INPUTS = Set.of("input_ids", "attention_mask");
    private static final String ENCODED = "encoder_last_hidden_state";
    private static final String POOLED = "pooled";
    private static final String SCORES = "class_logits";

    private final Checkpoint expected;
    private final Batch batch;
    private final List<EncodedText> texts;
    private final List<String> problems;
    private final List<TensorError> errors = new ArrayList<>();

    private EncoderPass(Checkpoint expected, Batch batch, List<EncodedText> texts, List<String> problems) {
        this.expected = expected;
        this.batch = batch;
        this.texts = texts;
        this.problems = problems;
    }

    /** Runs the case; closes the device. */
    static List<TensorError> run(
            Device device, ModelDirectory model, Checkpoint expected, Batch batch, List<String> problems) {
        expected.names().stream()
                .filter(n ->
                        !INPUTS.contains(n) && !Set.of(ENCODED, POOLED, SCORES).contains(n))
                .sorted()
                .forEach(n -> problems.add("tensor " + n + " is not known"));
        int budget = Math.max(batch.sourceTokens(), 1);
        try (TextEncoding encoding = new TextEncoding(device, model.transformer(), model.weights(), budget)) {
            List<EncodedText> texts = encoding.encode(
                    Arrays.stream(batch.sources()).map(Sequence::of).toList(), EnumSet.allOf(Wanted.class));
            EncoderPass pass = new EncoderPass(expected, batch, texts, problems);
            pass.compare(ENCODED, EncodedText::rows, true, encoding.width());
            pass.compare(POOLED, EncodedText::pooled, false, encoding.width());
            pass.compare(SCORES, EncodedText::scores, encoding.perToken(), encoding.labels());
            return List.copyOf(pass.errors);
        }
    }

    private void compare(String name, Function<EncodedText, float @Nullable []> part, boolean perToken, int columns) {
        if (!expected.names().contains(name)) {
            return;
        }
        if (columns == 0 || texts.stream().anyMatch(t -> part.apply(t) == null)) {
            problems.add("tensor " + name + " is expected; the model as it was read does not compute it");
            return;
        }
        int sequences = batch.sources().length;
        float[] reference = perToken
                ? Difference.expected(expected, name, sequences, batch.width(), columns)
                : Difference.expected(expected, name, sequences, columns);
        Difference difference = new Difference();
        for (int s = 0; s < sequences; s++) {
            float[] ours = Objects.requireNonNull(part.apply(texts.get(s)));
            difference.add(ours, 0, reference, s * (perToken ? batch.width() : 1) * columns, ours.length);
        }
        errors.add(new TensorError(name, difference.relative()));
    }
}
