package dev.gyre.decoding;

import dev.gyre.graph.Edit;

/**
 * Changes to single logits, row after row, in the arrays that a device takes. One object serves one dispatcher for
 * ever.
 */
public final class Edits {

    /**
     * What is added to a banned token that must be among the candidates, so that its probability is known. A token that is
     * not among them even so has a probability that does not count.
     */
    static final float RAISE = 64;

    private final int[] tokens;
    private final int[] kinds;
    private final float[] amounts;
    private final int[] bannedIn;
    private final int[] sourceIn;
    private final int[] pastIn;
    private final int[] penaltyIn;
    private final int[] penaltyAt;
    private int row;
    private boolean raise;
    private int count;

    /** @param capacity edits of one run */
    public Edits(int capacity, int vocabulary) {
        tokens = new int[capacity];
        kinds = new int[capacity];
        amounts = new float[capacity];
        bannedIn = new int[vocabulary];
        sourceIn = new int[vocabulary];
        pastIn = new int[vocabulary];
        penaltyIn = new int[vocabulary];
        penaltyAt = new int[vocabulary];
    }

    /** Forgets all rows. */
    public void clear() {
        count = 0;
    }

    /**
     * What follows is for a new row; called before the first one too.
     *
     * @param raise whether its bans raise instead
     */
    void nextRow(boolean raise) {
        this.raise = raise;
        row++;
    }

    public int count() {
        return count;
    }

    public int capacity() {
        return tokens.length;
    }

    public int[] tokens() {
        return tokens;
    }

    public int[] kinds() {
        return kinds;
    }

    public float[] amounts() {
        return amounts;
    }

    /** Whether some of the edits are of this token. */
    boolean contains(int token, int first, int end) {
        for (int i = first; i < end; i++) {
            if (tokens[i] == token) {
                return true;
            }
        }
        return false;
    }

    void ban(int token) {
        if (bannedIn[token] != row) {
            bannedIn[token] = row;
            add(token, raise ? Edit.ADD : Edit.BAN, raise ? RAISE : 0);
        }
    }

    /** Penalises a token once for being in the source. */
    void penaliseSource(int token, float amount) {
        if (sourceIn[token] != row) {
            sourceIn[token] = row;
            penalise(token, amount);
        }
    }

    /** Penalises a token once for being in the target so far. */
    void penalisePast(int token, float amount) {
        if (pastIn[token] != row) {
            pastIn[token] = row;
            penalise(token, amount);
        }
    }

    /** A token has one penalty in a row: a second one multiplies the first. */
    private void penalise(int token, float amount) {
        if (penaltyIn[token] == row) {
            amounts[penaltyAt[token]] *= amount;
        } else {
            penaltyIn[token] = row;
            penaltyAt[token] = count;
            add(token, Edit.PENALTY, amount);
        }
    }

    private void add(int token, Edit kind, float amount) {
        tokens[count] = token;
        kinds[count] = kind.ordinal();
        amounts[count] = amount;
        count++;
    }
}
