package dev.gyre.decoding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Beam search as {@code _beam_search} of {@code generate()} does it, for one sentence, in float32 like it: what it does
 * to a whole batch does not mix sentences, so this is the same to the token.
 *
 * <p>Beams before the first run are alike; all but one have the score {@link #DEAD}, so that the first run needs one
 * row.
 */
final class BeamSearch extends Search {

    /** The score of what must not win. */
    private static final float DEAD = -1e9f;

    private final int beams;
    private final int keep;

    private final float[] scores;
    private final float[] before;
    private final KeptCandidates kept;
    private final boolean[] hits;
    private final float[] merged;
    private final int[] best;
    private final int[] parents;

    /** Draws continuations instead of taking the best; null where that is not asked for. */
    private final @Nullable Warper warper;

    private final SplittableRandom random;

    private int rows = 1;
    private int[][] running;
    private int[][] next;
    private float[][] runningScores;
    private float[][] nextScores;
    private Beam[] finishedBeams;
    private boolean improvable = true;
    private boolean done;

    /** A finished hypothesis, or the room for one. */
    private record Beam(int[] sequence, float[] tokenScores, float score, boolean finished, boolean ended) {
        static final Beam NONE = new Beam(new int[0], new float[0], DEAD, false, false);
    }

    BeamSearch(SearchSettings settings, int[] source, int vocabulary, long index) {
        super(settings, source, vocabulary);
        beams = settings.numBeams();
        keep = settings.beamsToKeep();
        warper = settings.sample() ? new Warper(settings, true) : null;
        random = random(index);
        scores = new float[beams];
        before = new float[beams];
        Arrays.fill(scores, 1, beams, DEAD);
        kept = new KeptCandidates(keep);
        hits = new boolean[keep];
        merged = new float[beams + keep];
        best = new int[beams];
        parents = new int[beams];
        running = new int[beams][];
        next = new int[beams][];
        runningScores = new float[beams][16];
        nextScores = new float[beams][16];
        for (int i = 0; i < beams; i++) {
            running[i] = Arrays.copyOf(settings.prompt(), settings.prompt().length + 16);
            next[i] = new int[running[i].length];
        }
        finishedBeams = new Beam[beams];
        Arrays.fill(finishedBeams, Beam.NONE);
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int[] sequence(int row) {
        return running[row];
    }

    @Override
    public boolean normalise() {
        return true;
    }

    @Override
    public boolean finished() {
        return done;
    }

    @Override
    public void advance(Candidates candidates, int first) {
        if (warper == null) {
            keepBest(candidates, first);
        } else {
            keepDrawn(warper, candidates, first);
        }
        boolean last = length + 1 >= settings.maxLength();
        boolean allHit = true;
        for (int k = 0; k < keep; k++) {
            hits[k] = last || settings.ends(kept.token(k)) || stops(k);
            allHit &= hits[k];
        }
        finish();
        goOn();
        length++;
        improvable = improvable && canImprove();
        boolean full = settings.earlyStopping() == EarlyStopping.FULL && allFinished();
        done = !improvable || full || allHit;
    }

    @Override
    List<Hypothesis> found() {
        List<Hypothesis> results = new ArrayList<>();
        for (int i = 0; i < settings.numReturnSequences(); i++) {
            Beam b = finishedBeams[i];
            if (b.finished()) {
                results.add(
                        new Hypothesis(b.sequence(), settings.prompt().length, b.score(), b.ended(), b.tokenScores()));
            }
        }
        return List.copyOf(results);
    }

    /** The best continuations over all beams, by accumulated log-probability. */
    private void keepBest(Candidates candidates, int first) {
        kept.clear();
        for (int beam = 0; beam < beams; beam++) {
            int row = first + (rows == 1 ? 0 : beam);
            if (!goesOn(candidates, row)) {
                continue;
            }
            for (int c = 0; c < candidates.top() && candidates.id(row, c) >= 0; c++) {
                float score = candidates.value(row, c) + scores[beam];
                if (!kept.takes(score)) {
                    break; // the rest of the row is no better
                }
                kept.add(score, score, candidates.id(row, c), beam);
            }
        }
        kept.fill(0, 0);
    }

    /**
     * Continuations drawn over all beams, none twice, by accumulated log-probability. The largest sums of a
     * log-probability and a Gumbel number are such a draw (Kool et al., 2019).
     */
    private void keepDrawn(Warper drawn, Candidates candidates, int first) {
        kept.clear();
        for (int beam = 0; beam < beams; beam++) {
            int row = first + (rows == 1 ? 0 : beam);
            if (!goesOn(candidates, row)) {
                continue;
            }
            drawn.take(candidates, row);
            float normalizer = settings.renormalize() ? drawn.logSum() : 0;
            for (int c = 0; c < drawn.count(); c++) {
                float score = drawn.warped(c) - normalizer + scores[beam];
                float key = (float) (score - Math.log(-Math.log(random.nextDouble(Double.MIN_NORMAL, 1))));
                if (kept.takes(key)) {
                    kept.add(key, score, drawn.token(c), beam);
                }
            }
        }
        kept.fill(0, 0);
    }

    private boolean stops(int k) {
        if (settings.stopRule() == null || kept.score(k) == Float.NEGATIVE_INFINITY) {
            return false;
        }
        int[] sequence = Arrays.copyOf(running[rows == 1 ? 0 : kept.beam(k)], length + 1);
        sequence[length] = kept.token(k);
        return settings.stops(sequence, length + 1);
    }

    /** Hypotheses that just ended replace worse finished ones. Only the best {@code beams} candidates may end. */
    private void finish() {
        float divisor = lengthDivisor(length + 1 - settings.prompt().length);
        float closed = settings.earlyStopping() == EarlyStopping.FULL && allFinished() ? DEAD : 0;
        float hopeless = improvable ? 0 : DEAD;
        for (int i = 0; i < beams; i++) {
            merged[i] = finishedBeams[i].score();
        }
        boolean any = false;
        for (int k = 0; k < keep; k++) {
            boolean ends = hits[k] && k < beams;
            any |= ends;
            float score = kept.score(k) / divisor;
            score += closed;
            score += hopeless;
            score += ends ? 0 : DEAD;
            merged[beams + k] = score;
        }
        if (!any) {
            // Candidates that go on are below DEAD, or equal to it behind the rooms that are there.
            return;
        }
        choose(merged, beams + keep);
        Beam[] chosen = new Beam[beams];
        for (int i = 0; i < beams; i++) {
            int from = best[i];
            if (from < beams) {
                chosen[i] = finishedBeams[from];
            } else {
                int k = from - beams;
                boolean ends = hits[k] && k < beams;
                int[] sequence = Arrays.copyOf(running[rows == 1 ? 0 : kept.beam(k)], length + 1);
                sequence[length] = kept.token(k);
                int generated = length - settings.prompt().length;
                float[] each = Arrays.copyOf(runningScores[rows == 1 ? 0 : kept.beam(k)], generated + 1);
                each[generated] = kept.score(k) - scores[kept.beam(k)];
                chosen[i] = ends
                        ? new Beam(sequence, each, merged[from], true, settings.ends(kept.token(k)))
                        : new Beam(sequence, each, merged[from], false, false);
            }
        }
        finishedBeams = chosen;
    }

    /** The best candidates that did not end are the next beams. */
    private void goOn() {
        for (int k = 0; k < keep; k++) {
            merged[k] = kept.score(k) + (hits[k] ? DEAD : 0);
        }
        choose(merged, keep);
        System.arraycopy(scores, 0, before, 0, beams);
        for (int i = 0; i < beams; i++) {
            int k = best[i];
            int parent = rows == 1 ? 0 : kept.beam(k);
            int[] to = room(next[i], length);
            System.arraycopy(running[parent], 0, to, 0, length);
            to[length] = kept.token(k);
            next[i] = to;
            int generated = length - settings.prompt().length;
            float[] each = room(nextScores[i], generated);
            System.arraycopy(runningScores[parent], 0, each, 0, generated);
            each[generated] = kept.score(k) - before[kept.beam(k)];
            nextScores[i] = each;
            scores[i] = merged[k];
            parents[i] = parent;
        }
        int[][] old = running;
        running = next;
        next = old;
        float[][] oldScores = runningScores;
        runningScores = nextScores;
        nextScores = oldScores;
        rows = beams;
        follow(parents, beams);
    }

    private boolean canImprove() {
        int prompt = settings.prompt().length;
        boolean longest = settings.earlyStopping() == EarlyStopping.NEVER && settings.lengthPenalty() > 0;
        int hypothetical = (longest ? settings.maxLength() : length) - prompt;
        float possible = scores[0] / lengthDivisor(hypothetical);
        float worst = Float.POSITIVE_INFINITY;
        boolean open = false;
        boolean finished = false;
        for (Beam b : finishedBeams) {
            worst = Math.min(worst, b.score());
            open |= !b.finished();
            finished |= b.finished();
        }
        return open && possible > DEAD || finished && possible > worst;
    }

    private boolean allFinished() {
        for (Beam b : finishedBeams) {
            if (!b.finished()) {
                return false;
            }
        }
        return true;
    }

    /** Puts the indices of the largest {@code beams} of the first n scores into {@code best}, the earlier of equals first. */
    private void choose(float[] from, int n) {
        int size = 0;
        for (int i = 0; i < n; i++) {
            float score = from[i];
            if (size == beams && !(score > from[best[beams - 1]])) {
                continue;
            }
            int at = size < beams ? size++ : beams - 1;
            while (at > 0 && score > from[best[at - 1]]) {
                best[at] = best[at - 1];
                at--;
            }
            best[at] = i;
        }
    }
}
