package dev.gyre.decoding;

import java.util.Arrays;
import java.util.List;

/** The best token each time: {@code _sample} of {@code generate()} without sampling. */
final class GreedySearch extends Search {

    private static final int[] ITSELF = {0};

    private int[] sequence;
    private float logProbability;
    private float[] tokenScores = new float[16];
    private boolean ended;
    private boolean stopped;

    GreedySearch(SearchSettings settings, int[] source, int vocabulary) {
        super(settings, source, vocabulary);
        sequence = settings.prompt().clone();
    }

    @Override
    public int rows() {
        return 1;
    }

    @Override
    public int[] sequence(int row) {
        return sequence;
    }

    @Override
    public boolean normalise() {
        return false;
    }

    @Override
    public void advance(Candidates candidates, int first) {
        if (!goesOn(candidates, first)) {
            throw nothing(sequence);
        }
        int token = candidates.id(first, 0);
        sequence = room(sequence, length);
        sequence[length++] = token;
        float score = settings.scores() ? candidates.value(first, 0) - candidates.logSum(first) : Float.NaN;
        logProbability += score;
        int generated = length - settings.prompt().length;
        tokenScores = room(tokenScores, generated - 1);
        tokenScores[generated - 1] = score;
        ended = settings.ends(token);
        stopped = settings.stops(sequence, length);
        follow(ITSELF, 1);
    }

    @Override
    public boolean finished() {
        return ended || stopped || length >= settings.maxLength();
    }

    @Override
    List<Hypothesis> found() {
        int prompt = settings.prompt().length;
        float score = length == prompt ? 0 : logProbability / lengthDivisor(length - prompt);
        return List.of(new Hypothesis(
                Arrays.copyOf(sequence, length), prompt, score, ended, Arrays.copyOf(tokenScores, length - prompt)));
    }
}
