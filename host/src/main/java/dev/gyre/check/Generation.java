package dev.gyre.check;

import dev.gyre.backend.Device;
import dev.gyre.check.CheckResult.Agreement;
import dev.gyre.check.Expectation.OptionSet;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.Option;
import dev.gyre.decoding.SearchSettings;
import dev.gyre.models.ModelDefaults;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.CapacityPlan;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.Seq2Seq;
import dev.gyre.scheduler.Seq2SeqRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** All option sets of a case in one batch, as they do not depend on each other. */
final class Generation {

    /** More than the sentences of a case need; they run together. */
    private static final int BATCH_TOKENS = 512;

    private final Batch batch;
    private final Expectation expectation;
    private final List<String> problems;
    private final boolean exact;
    private int sequences;
    private int equal;
    private int scores;
    private int near;

    /** An option set on its way. */
    private record Started(
            OptionSet set, List<SearchSettings> settings, List<CompletableFuture<List<Hypothesis>>> results) {}

    /** @param exact whether a sequence or a score that differs is a problem, and not only counted */
    Generation(Batch batch, Expectation expectation, List<String> problems, boolean exact) {
        this.exact = exact;
        this.batch = batch;
        this.expectation = expectation;
        this.problems = problems;
    }

    Agreement sequences() {
        return new Agreement(equal, sequences);
    }

    Agreement scores() {
        return new Agreement(near, scores);
    }

    /** Runs them; closes the device. */
    void run(Device device, ModelDirectory model) {
        List<GenerationOptions> options = new ArrayList<>();
        List<OptionSet> sets = new ArrayList<>();
        int hypotheses = 1;
        for (OptionSet set : expectation.generate()) {
            sequences += set.sequences().length;
            scores += set.scores() == null ? 0 : set.scores().length;
            try {
                GenerationOptions parsed = GenerationOptions.of(set.options());
                hypotheses = Math.max(hypotheses, hypotheses(parsed));
                options.add(parsed);
                sets.add(set);
            } catch (IllegalArgumentException e) {
                problems.add(set.options() + ": " + e.getMessage());
            }
        }
        if (sets.isEmpty()) {
            return;
        }
        CapacityPlan plan = CapacityPlan.DEFAULTS
                .withBatchTokens(Math.max(BATCH_TOKENS, batch.width()))
                .withMaxHypotheses(hypotheses);
        try (Seq2Seq seq2seq = new Seq2Seq(
                device, model.transformer(), model.weights(), ModelDefaults.of(model), plan, OverlongSource.REJECT)) {
            List<Started> started = new ArrayList<>();
            for (int i = 0; i < sets.size(); i++) {
                start(seq2seq, sets.get(i), options.get(i), started);
            }
            started.forEach(this::compare);
        }
    }

    private static int hypotheses(GenerationOptions options) {
        Integer beams = options.get(Option.NUM_BEAMS);
        Integer returned = options.get(Option.NUM_RETURN_SEQUENCES);
        List<Integer> ends = options.get(Option.EOS_TOKEN_ID);
        int most = Math.max(beams == null ? 1 : beams, returned == null ? 1 : returned);
        // Candidates per row grow with the end tokens.
        return ends == null || ends.size() < 4 ? most : most * (1 + ends.size()) / 4 + 1;
    }

    private void start(Seq2Seq seq2seq, OptionSet set, GenerationOptions options, List<Started> started) {
        try {
            List<SearchSettings> settings = new ArrayList<>();
            List<CompletableFuture<List<Hypothesis>>> results = new ArrayList<>();
            for (int[] source : batch.sources()) {
                Seq2SeqRequest request = new Seq2SeqRequest(source, options, results.size());
                settings.add(seq2seq.settings(request));
                results.add(seq2seq.submit(request));
            }
            started.add(new Started(set, settings, results));
        } catch (IllegalArgumentException e) {
            problems.add(set.options() + ": " + e.getMessage());
        }
    }

    private void compare(Started started) {
        OptionSet set = started.set();
        List<Hypothesis> all = new ArrayList<>();
        for (CompletableFuture<List<Hypothesis>> result : started.results()) {
            try {
                all.addAll(result.join());
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        if (all.isEmpty()
                || all.size() != set.sequences().length
                || all.size() % started.settings().size() != 0) {
            problems.add(set.options() + ": " + all.size() + " sequences came back; " + set.sequences().length
                    + " are expected");
            return;
        }
        for (int i = 0; i < all.size(); i++) {
            Hypothesis ours = all.get(i);
            SearchSettings settings =
                    started.settings().get(i / (all.size() / started.settings().size()));
            int[] theirs = cut(set.sequences()[i], settings);
            if (Arrays.equals(ours.sequence(), theirs)) {
                equal++;
            } else {
                differs(set.options() + ": sequence " + i + " is " + Arrays.toString(ours.sequence()) + "; expected is "
                        + Arrays.toString(theirs));
            }
            if (set.scores() != null && i < set.scores().length) {
                double score = set.scores()[i];
                if (Math.abs(ours.score() - score) <= Check.BOUND * Math.max(1, Math.abs(score))) {
                    near++;
                } else {
                    differs(set.options() + ": score " + i + " is " + ours.score() + "; expected is " + score);
                }
            }
        }
    }

    private void differs(String difference) {
        if (exact) {
            problems.add(difference);
        }
    }

    /** Up to the first end token: what comes behind it is padding. */
    private static int[] cut(int[] sequence, SearchSettings settings) {
        for (int i = settings.prompt().length; i < sequence.length; i++) {
            int token = sequence[i];
            if (Arrays.stream(settings.endTokens()).anyMatch(end -> end == token)) {
                return Arrays.copyOf(sequence, i + 1);
            }
        }
        return sequence;
    }
}
