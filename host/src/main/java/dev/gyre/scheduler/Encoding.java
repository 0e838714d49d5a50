package dev.gyre.scheduler;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Executable;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.Seq2SeqProgram;

/** The arrays of encoder runs, filled anew for each: packed sources and where their memory goes. */
final class Encoding {

    private final Seq2SeqProgram program;
    private final Bindings bindings;
    private final int[] tokens;
    private final int[] positions;
    private final int[] offsets;
    private final int[] destination;
    private int rows;
    private int sequences;

    Encoding(Seq2SeqProgram program) {
        this.program = program;
        Capacity capacity = program.capacity();
        tokens = new int[capacity.tokens()];
        positions = new int[capacity.tokens()];
        destination = new int[capacity.tokens()];
        offsets = new int[capacity.sequences() + 1];
        bindings = new Bindings(program.encode());
        Seq2SeqProgram.EncodeInputs in = program.encodeInputs();
        Bind.input(bindings, in.tokens(), tokens);
        Bind.input(bindings, in.positions(), positions);
        Bind.input(bindings, in.offsets(), offsets);
        Bind.input(bindings, in.destination(), destination);
    }

    void clear() {
        rows = 0;
        sequences = 0;
    }

    int rows() {
        return rows;
    }

    int sequences() {
        return sequences;
    }

    boolean fits(int sourceTokens) {
        return rows + sourceTokens <= tokens.length && sequences + 1 < offsets.length;
    }

    void add(int[] source, int memoryFirst) {
        for (int i = 0; i < source.length; i++) {
            tokens[rows] = source[i];
            positions[rows] = i;
            destination[rows] = memoryFirst + i;
            rows++;
        }
        offsets[++sequences] = rows;
    }

    void run(Executable executable) {
        bindings.size(program.tokens(), rows).size(program.sequences(), sequences);
        executable.run(bindings);
    }
}
