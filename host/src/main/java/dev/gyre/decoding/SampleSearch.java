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
    private int[] tokens = new int[64];
    private float[] values = new float[64];

    /** One sequence that is drawn. */
    private static final class Draw {
        int[] sequence;
        int length;
        float logProbability;
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
        SplittableRandom seeds = new SplittableRandom(settings.seed() ^ new SplittableRandom(index).nextLong());
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
    public List<Hypothesis> results() {
        int prompt = settings.prompt().length;
        return all.stream()
                .map(d -> new Hypothesis(
                        Arrays.copyOf(d.sequence, d.length),
                        prompt,
                        d.logProbability / lengthDivisor(Math.max(1, d.length - prompt)),
                        d.ended))
                .toList();
    }

    private int draw(Draw d, Candidates candidates, int row) {
        int n = candidates.hasLogits(row) ? gatherRow(candidates, row) : gatherTop(candidates, row);
        n = cutByProbability(n);
        float greatest = values[0];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.exp((values[i] - greatest) / settings.temperature());
        }
        double left = d.random.nextDouble() * sum;
        int chosen = 0;
        for (int i = 0; i < n; i++) {
            double p = Math.exp((values[i] - greatest) / settings.temperature());
            if (p > 0) {
                chosen = i;
            }
            left -= p;
            if (left < 0) {
                break;
            }
        }
        d.logProbability += values[chosen] - candidates.logSum(row);
        return tokens[chosen];
    }

    /** The device's candidates, best first, cut at top-k. */
    private int gatherTop(Candidates candidates, int row) {
        int n = settings.topK() == 0 ? candidates.top() : Math.min(settings.topK(), candidates.top());
        reserve(n);
        int count = 0;
        while (count < n && candidates.id(row, count) >= 0) {
            tokens[count] = candidates.id(row, count);
            values[count] = candidates.value(row, count);
            count++;
        }
        return count;
    }

    /** A whole row of logits, best first, cut at top-k. Of equal values the smaller token comes first. */
    private int gatherRow(Candidates candidates, int row) {
        int n = candidates.vocabulary();
        long[] order = new long[n];
        for (int t = 0; t < n; t++) {
            int bits = Float.floatToIntBits(candidates.logit(row, t));
            int ascending = bits ^ (bits >> 31 & 0x7fffffff);
            order[t] = (long) ~ascending << 32 | t;
        }
        Arrays.sort(order);
        int count = settings.topK() == 0 ? n : Math.min(settings.topK(), n);
        reserve(count);
        for (int i = 0; i < count; i++) {
            tokens[i] = (int) order[i];
            values[i] = candidates.logit(row, tokens[i]);
        }
        return count;
    }

    /** Top-p: drops the tail whose probabilities sum to at most {@code 1 - top_p}; one token always stays. */
    private int cutByProbability(int n) {
        if (settings.topP() >= 1) {
            return n;
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.exp((values[i] - values[0]) / settings.temperature());
        }
        double tail = 0;
        int count = n;
        while (count > 1) {
            tail += Math.exp((values[count - 1] - values[0]) / settings.temperature()) / sum;
            if (tail > 1 - settings.topP()) {
                break;
            }
            count--;
        }
        return count;
    }

    private void reserve(int n) {
        if (tokens.length < n) {
            tokens = new int[n];
            values = new float[n];
        }
    }
}
