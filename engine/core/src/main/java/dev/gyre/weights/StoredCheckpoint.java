package dev.gyre.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tensors in mapped files. */
final class StoredCheckpoint implements Checkpoint {

    private final String origin;
    private final Map<String, StoredTensor> tensors;
    private final List<MappedFile> files;

    /** Takes the files over: closing this closes them. */
    StoredCheckpoint(String origin, Map<String, StoredTensor> tensors, List<MappedFile> files) {
        this.origin = origin;
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        this.files = new ArrayList<>(files);
    }

    @Override
    public String origin() {
        return origin;
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public int[] shape(String name) {
        return tensor(name).shape().clone();
    }

    @Override
    public String storedType(String name) {
        return tensor(name).label();
    }

    @Override
    public boolean unscaled(String name) {
        StoredTensor tensor = tensor(name);
        return tensor.type().integral() && tensor.scales() == null;
    }

    @Override
    public void read(String name, long firstElement, int count, float[] destination, int offset) {
        tensor(name).read(firstElement, count, destination, offset);
    }

    @Override
    public void forget(String name) {
        tensor(name).forget();
    }

    @Override
    public void close() {
        files.forEach(MappedFile::close);
        files.clear();
    }

    private StoredTensor tensor(String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelFormatException(origin + " has no tensor " + name);
        }
        return tensor;
    }
}
