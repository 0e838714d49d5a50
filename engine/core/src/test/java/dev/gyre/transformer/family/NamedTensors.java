package dev.gyre.transformer.family;

import dev.gyre.weights.Checkpoint;
import java.util.Set;

/** A checkpoint of which only the names matter. */
record NamedTensors(Set<String> names) implements Checkpoint {

    static NamedTensors of(String... names) {
        return new NamedTensors(Set.of(names));
    }

    @Override
    public String origin() {
        return "names";
    }

    @Override
    public int[] shape(String name) {
        throw new UnsupportedOperationException("a family must not need the shape of " + name);
    }

    @Override
    public String storedType(String name) {
        throw new UnsupportedOperationException("a family must not need the type of " + name);
    }

    @Override
    public void read(String name, long firstElement, int count, float[] destination, int offset) {
        throw new UnsupportedOperationException("a family must not read " + name);
    }

    @Override
    public void close() {}
}
