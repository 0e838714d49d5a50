package dev.gyre.decoding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tokens drawn at random: {@code _sample} of {@code generate()}, with temperature, top-k and top-p in that order. Each
 * returned sequence is drawn on its own; its random numbers depend on the seed, the number of the sentence and the
 * number of the sequence, and on nothing else in the batch.
 */
final class SampleSearch extends Search {

    private final List<Draw> all = new ArrayList<>();
    private final List<Draw> live = new ArrayList<>();
    private final int[] parents;
    private boolean started;
    private final Warper warper;

    /** One sequence that is drawn. */
    private static final class Draw {
        int[] sequence;
        int length;
        float logProbability;
        float[] tokenScores = new float[16];
        boolean ended;
        final SplittableRandom random;

        Draw(int[] prompt, SplittableRandom random) {
            this.sequence = prompt.clone();
            this.length = prompt.length;
            this.random = random;
        }
    }

    SampleSearch(SearchSettings settings, int[] source, int vocabulary, long index) {
        super(settings, source, vocabulary);
        warper = new Warper(settings, false);
        SplittableRandom seeds = random(index);
        for (int i = 0; i < settings.numReturnSequences(); i++) {
            all.add(new Draw(settings.prompt(), seeds.split()));
        }
        live.addAll(all);
        parents = new int[all.size()];
    }

    @Override
    public int rows() {
        return started ? live.size() : 1;
    }

    @Override
    public int[] sequence(int row) {
        return live.get(row).sequence;
    }

    @Override
    public boolean normalise() {
        return false;
    }

    @Override
    public void advance(Candidates candidates, int first) {
        int survivors = 0;
        for (int i = 0; i < live.size(); i++) {
            Draw d = live.get(i);
            int row = started ? i : 0;
            int token = draw(d, candidates, first + row);
            d.sequence = room(d.sequence, length);
            d.sequence[length] = token;
            d.length = length + 1;
            d.ended = settings.ends(token);
            if (!d.ended && !settings.stops(d.sequence, d.length)) {
                live.set(survivors, d);
                parents[survivors] = row;
                survivors++;
            }
        }
        live.subList(survivors, live.size()).clear();
        started = true;
        length++;
        follow(parents, survivors);
    }

    @Override
    public boolean finished() {
        return live.isEmpty() || length >= settings.maxLength();
    }

    @Override
    List<Hypothesis> found() {
        int prompt = settings.prompt().length;
        return all.stream()
                .map(d -> new Hypothesis(
                        Arrays.copyOf(d.sequence, d.length),
                        prompt,
                        d.logProbability / lengthDivisor(Math.max(1, d.length - prompt)),
                        d.ended,
                        Arrays.copyOf(d.tokenScores, d.length - prompt)))
                .toList();
    }

    private int draw(Draw d, Candidates candidates, int row) {
        if (!goesOn(candidates, row)) {
            throw nothing(d.sequence);
        }
        warper.take(candidates, row);
        int n = warper.count();
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.exp(warper.warped(i) - warper.warped(0));
        }
        double left = d.random.nextDouble() * sum;
        int chosen = 0;
        for (int i = 0; i < n; i++) {
            double p = Math.exp(warper.warped(i) - warper.warped(0));
            if (p > 0) {
                chosen = i;
            }
            left -= p;
            if (left < 0) {
                break;
            }
        }
        float score = warper.value(chosen) - candidates.logSum(row);
        d.logProbability += score;
        int generated = d.length - settings.prompt().length;
        d.tokenScores = room(d.tokenScores, generated);
        d.tokenScores[generated] = score;
        return warper.token(chosen);
    }
}
