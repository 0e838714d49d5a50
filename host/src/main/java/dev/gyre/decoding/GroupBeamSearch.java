package dev.gyre.decoding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Diverse beam search (Vijayakumar et al., 2016) as {@code generate()} does it with {@code num_beam_groups}: the beams are
 * searched in groups, one after the other in each step, and a token loses {@code diversity_penalty} for each beam of
 * an earlier group that has just taken it, after everything else that changes values. The groups end by themselves; results
 * are the best of all.
 *
 * <p>What is finished is kept as the library's {@code BeamSearchScorer} keeps it, which is not how {@link BeamSearch} does.
 */
final class GroupBeamSearch extends Search {

    /** The score of beams that are alike to the first before the first run. */
    private static final float DEAD = -1e9f;

    private final int beams;
    private final int size;
    private final int keep;
    private final float penalty;
    private final Group[] groups;

    private final KeptCandidates kept;

    private int rows = 1;
    private Beam[] running;

    /** A hypothesis that may go on: its tokens, what each of them was worth, and the sum. */
    private record Beam(int[] sequence, float[] each, float score) {}

    /** A hypothesis that does not go on, with the score that it is ranked by. */
    private record Finished(int[] sequence, float[] each, double score, boolean ended) {}

    /** What a group has finished: its best, at most as many as it has beams. */
    private final class Group {
        private final List<Finished> best = new ArrayList<>();
        private double worst = 1e9;
        private boolean done;

        void add(Beam beam, boolean ended) {
            double score = beam.score() / divisor(beam.sequence().length - settings.prompt().length);
            if (best.size() == size && !(score > worst)) {
                return;
            }
            best.add(new Finished(beam.sequence(), beam.each(), score, ended));
            if (best.size() > size) {
                int least = 0;
                for (int i = 1; i < best.size(); i++) {
                    least = best.get(i).score() < best.get(least).score() ? i : least;
                }
                best.remove(least);
                worst = best.stream().mapToDouble(Finished::score).min().orElseThrow();
            } else {
                worst = Math.min(worst, score);
            }
        }

        /** @param sum the best accumulated log-probability of this step, ended or not */
        void judge(float sum, int generated) {
            if (done || best.size() < size) {
                return;
            }
            boolean longest = settings.earlyStopping() == EarlyStopping.NEVER && settings.lengthPenalty() > 0;
            int hypothetical = longest ? settings.maxLength() - settings.prompt().length : generated;
            done = settings.earlyStopping() == EarlyStopping.FULL || worst >= sum / divisor(hypothetical);
        }
    }

    GroupBeamSearch(SearchSettings settings, int[] source, int vocabulary) {
        super(settings, source, vocabulary);
        beams = settings.numBeams();
        size = beams / settings.groups();
        keep = settings.beamsToKeep() / settings.groups();
        penalty = (float) settings.diversityPenalty();
        groups = new Group[settings.groups()];
        Arrays.setAll(groups, g -> new Group());
        kept = new KeptCandidates(keep);
        running = new Beam[beams];
        Arrays.setAll(running, i -> new Beam(settings.prompt().clone(), new float[0], i % size == 0 ? 0 : DEAD));
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int[] sequence(int row) {
        return running[row].sequence();
    }

    @Override
    public boolean normalise() {
        return true;
    }

    @Override
    public boolean finished() {
        return length >= settings.maxLength() || Arrays.stream(groups).allMatch(g -> g.done);
    }

    @Override
    public void advance(Candidates candidates, int first) {
        Beam[] next = new Beam[beams];
        int[] parents = new int[beams];
        int[] taken = new int[beams];
        for (int g = 0; g < groups.length; g++) {
            int begin = g * size;
            if (groups[g].done) {
                // Their rows are filled up, as they are in a batch: later groups lose for these tokens too.
                for (int i = begin; i < begin + size; i++) {
                    taken[i] = settings.padding();
                    next[i] = longer(running[i], settings.padding(), 0);
                    parents[i] = rows == 1 ? 0 : i;
                }
                continue;
            }
            keepBest(candidates, first, begin, taken);
            int beam = begin;
            for (int k = 0; k < keep && beam < begin + size && kept.score(k) > Float.NEGATIVE_INFINITY; k++) {
                Beam longer = longer(running[kept.beam(k)], kept.token(k), kept.score(k));
                boolean ends = settings.ends(kept.token(k));
                if (ends || settings.stops(longer.sequence(), length + 1)) {
                    // One that is worse than the beams of the group would not have been looked at.
                    if (k < size) {
                        groups[g].add(longer, ends);
                    }
                } else {
                    taken[beam] = kept.token(k);
                    parents[beam] = rows == 1 ? 0 : kept.beam(k);
                    next[beam++] = longer;
                }
            }
            while (beam < begin + size) {
                taken[beam] = settings.padding();
                next[beam++] = longer(running[begin], settings.padding(), Float.NEGATIVE_INFINITY);
            }
            groups[g].judge(kept.score(0), length + 1 - settings.prompt().length);
        }
        running = next;
        rows = beams;
        length++;
        follow(parents, beams);
        if (length >= settings.maxLength()) {
            addOpen();
        }
    }

    /** Beams that reached the maximum length compete with what has ended. */
    private void addOpen() {
        for (int i = 0; i < beams; i++) {
            Group group = groups[i / size];
            if (!group.done && running[i].score() > Float.NEGATIVE_INFINITY) {
                group.add(running[i], false);
            }
        }
    }

    @Override
    List<Hypothesis> found() {
        List<Finished> all = new ArrayList<>();
        for (Group group : groups) {
            all.addAll(group.best);
        }
        // Of equals the later one is the better one: the library takes them from the end of a sorted list.
        List<Finished> best = all.reversed().stream()
                .sorted(Comparator.comparingDouble((Finished f) -> -f.score()))
                .toList();
        return best.stream()
                .limit(settings.numReturnSequences())
                .map(f ->
                        new Hypothesis(f.sequence(), settings.prompt().length, (float) f.score(), f.ended(), f.each()))
                .toList();
    }

    /** The best continuations of a group's beams, less the penalty for what earlier groups took. */
    private void keepBest(Candidates candidates, int first, int begin, int[] taken) {
        kept.clear();
        for (int beam = begin; beam < begin + size; beam++) {
            int row = first + (rows == 1 ? 0 : beam);
            if (!goesOn(candidates, row)) {
                continue;
            }
            for (int c = 0; c < candidates.top() && candidates.id(row, c) >= 0; c++) {
                int token = candidates.id(row, c);
                int times = 0;
                for (int i = 0; i < begin; i++) {
                    times += taken[i] == token ? 1 : 0;
                }
                float score = candidates.value(row, c) - penalty * times + running[beam].score();
                if (kept.takes(score)) {
                    kept.add(score, score, token, beam);
                }
            }
        }
        kept.fill(settings.padding(), begin);
    }

    private Beam longer(Beam beam, int token, float score) {
        int generated = length - settings.prompt().length;
        int[] sequence = Arrays.copyOf(beam.sequence(), length + 1);
        sequence[length] = token;
        float[] each = Arrays.copyOf(beam.each(), generated + 1);
        each[generated] = score - beam.score();
        return new Beam(sequence, each, score);
    }

    private double divisor(int generated) {
        return Math.pow(generated, settings.lengthPenalty());
    }
}
