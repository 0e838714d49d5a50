package dev.gyre.weights;

/**
 * A sinusoidal position table that a model defines by a formula instead of storing it. With {@code half = columns / 2}
 * frequencies, the layouts differ in where sines and cosines stand, in the frequencies and in the first position.
 *
 * @param name the tensor's name, as weights refer to it
 * @param rows positions
 * @param columns {@code d_model}
 */
public record PositionTable(String name, int rows, int columns, Layout layout) implements ComputedTensor {

    /** How the formula of a family arranges its waves. */
    public enum Layout {
        /** Vaswani et al., section 3.5: sine and cosine in turn, {@code pos / 10000^(2i/d)}. */
        INTERLEAVED,
        /** Marian: the same waves, all sines before all cosines (Hugging Face's MarianSinusoidalPositionalEmbedding). */
        HALVES,
        /**
         * Tensor2Tensor, fairseq and OpenNMT-tf, as CTranslate2 computes it: sines before cosines, frequencies
         * {@code 10000^(-i/(d/2-1))}, positions counted from 1.
         */
        HALVES_FROM_ONE
    }

    public PositionTable {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException("position table " + name + " of " + rows + " by " + columns);
        }
    }

    @Override
    public float value(int position, int column) {
        return (float)
                switch (layout) {
                    case INTERLEAVED -> wave(position, column / 2, column % 2 == 0);
                    case HALVES -> {
                        // With an odd number of columns the sines have one more.
                        int sines = (columns + 1) / 2;
                        yield column < sines ? wave(position, column, true) : wave(position, column - sines, false);
                    }
                    case HALVES_FROM_ONE -> {
                        int half = columns / 2;
                        boolean sine = column < half;
                        double step = half == 1 ? 0 : Math.log(10000) / (half - 1);
                        double angle = (position + 1) * Math.exp(-step * (sine ? column : column - half));
                        yield sine ? Math.sin(angle) : Math.cos(angle);
                    }
                };
    }

    private double wave(int position, int pair, boolean sine) {
        double angle = position / Math.pow(10000, 2.0 * pair / columns);
        return sine ? Math.sin(angle) : Math.cos(angle);
    }
}
