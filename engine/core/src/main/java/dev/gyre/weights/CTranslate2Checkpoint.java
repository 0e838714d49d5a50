package dev.gyre.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * CTranslate2's {@code model.bin}, binary versions 1 to 6. Integer weights are read as what they stand for: the stored
 * value divided by the scale of its row (int8) or of the whole (int16).
 *
 * <p>What changed between versions, after the project's {@code model_spec.py} and {@code model.cc}: 2 added the name
 * and the revision of the specification, 3 aliases, 4 a type code and the payload in bytes (before: the size of an
 * item, from which the type follows, and their number), 5 rounding in its quantiser, 6 a config.json in place of
 * attributes.
 */
public final class CTranslate2Checkpoint implements Checkpoint {

    /** The newest binary version that is read. */
    public static final int NEWEST = 6;

    private static final int ALIASES_SINCE = 3;
    private static final int TYPE_CODES_SINCE = 4;

    /** Scale of int16 weights that come without one. */
    private static final float INT16_SCALE = 1000;

    /** Types by their code. */
    private static final List<StoredType> CODES =
            List.of(StoredType.F32, StoredType.I8, StoredType.I16, StoredType.I32, StoredType.F16, StoredType.BF16);

    private static final List<String> LABELS = List.of("float32", "int8", "int16", "int32", "float16", "bfloat16");

    private final StoredCheckpoint stored;
    private final Map<String, String> aliases;
    private final int version;
    private final String specification;
    private final int revision;

    private CTranslate2Checkpoint(
            StoredCheckpoint stored, Map<String, String> aliases, int version, String specification, int revision) {
        this.stored = stored;
        this.aliases = Map.copyOf(aliases);
        this.version = version;
        this.specification = specification;
        this.revision = revision;
    }

    /**
     * Opens a file.
     *
     * @throws ModelFormatException if anything in it is not as it must be
     */
    public static CTranslate2Checkpoint open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            return read(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static CTranslate2Checkpoint read(MappedFile file) {
        CTranslate2File in = new CTranslate2File(file);
        long version = in.u32("the binary version");
        if (version < 1 || version > NEWEST) {
            throw new ModelFormatException(file.path() + " has binary version " + version + "; 1 to " + NEWEST
                    + " are read. It is not a CTranslate2 model, or a newer one: convert it with an older release");
        }
        String specification = version >= 2 ? in.string("the name of the specification") : "";
        long revision = version >= 2 ? in.u32("the revision of the specification") : 1;
        Map<String, StoredTensor> variables = new LinkedHashMap<>();
        long count = in.u32("the number of variables");
        for (long i = 0; i < count; i++) {
            String where = "variable " + (i + 1) + " of " + count;
            String name = in.string("the name of " + where);
            String known = revision == 1 ? CTranslate2Names.ofRevision1(name) : name;
            if (variables.put(known, variable(in, (int) version, where + " (" + name + ")")) != null) {
                throw in.failure(where + " has the name of an earlier one, " + name);
            }
        }
        Map<String, StoredTensor> scaled = new LinkedHashMap<>();
        variables.forEach((name, variable) -> scaled.put(name, scaled(file, name, variable, variables)));
        Map<String, String> aliases = version >= ALIASES_SINCE ? readAliases(in, scaled) : Map.of();
        if (in.remaining() > 0) {
            throw in.failure(in.remaining() + " bytes follow the end of the model; the file is damaged");
        }
        return new CTranslate2Checkpoint(
                new StoredCheckpoint(file.path().toString(), scaled, List.of(file)),
                aliases,
                (int) version,
                specification,
                (int) Math.min(revision, Integer.MAX_VALUE));
    }

    private static StoredTensor variable(CTranslate2File in, int version, String where) {
        int rank = in.u8("the rank of " + where);
        if (rank > Shapes.MAX_RANK) {
            throw in.failure(where + " has " + rank + " axes; at most " + Shapes.MAX_RANK + " are read");
        }
        long[] axes = new long[rank];
        int[] shape = new int[rank];
        for (int i = 0; i < rank; i++) {
            axes[i] = in.u32("the shape of " + where);
            if (axes[i] > Integer.MAX_VALUE) {
                throw in.failure("axis " + i + " of " + where + " is " + axes[i] + " long; at most " + Integer.MAX_VALUE
                        + " is read");
            }
            shape[i] = (int) axes[i];
        }
        int type = version >= TYPE_CODES_SINCE
                ? typeOfCode(in, in.u8("the type of " + where), where)
                : typeOfSize(in, in.u8("the item size of " + where), where);
        long given = in.u32("the payload size of " + where);
        StoredType stored = CODES.get(type);
        long payload = version >= TYPE_CODES_SINCE ? given : given * stored.bytes();
        long elements = Shapes.elements(axes);
        if (elements < 0 || elements > payload / stored.bytes() || elements * stored.bytes() != payload) {
            throw in.failure(where + " has shape " + Shapes.text(axes) + " of " + LABELS.get(type)
                    + ", but a payload of " + payload + " bytes");
        }
        MemorySegment data = in.bytes(payload, "the payload of " + where);
        return new StoredTensor(shape, stored, LABELS.get(type), data, null);
    }

    private static int typeOfCode(CTranslate2File in, int code, String where) {
        if (code >= CODES.size()) {
            throw in.failure("the type of " + where + " is " + code + "; known are 0 to " + (CODES.size() - 1) + " ("
                    + String.join(", ", LABELS) + ")");
        }
        return code;
    }

    private static int typeOfSize(CTranslate2File in, int size, String where) {
        return switch (size) {
            case 4 -> CODES.indexOf(StoredType.F32);
            case 2 -> CODES.indexOf(StoredType.I16);
            case 1 -> CODES.indexOf(StoredType.I8);
            default ->
                throw in.failure("the item size of " + where + " is " + size
                        + "; known are 4 (float32), 2 (int16) and 1 (int8)");
        };
    }

    /** Gives an integer weight its scales; anything else stays what it is. */
    private static StoredTensor scaled(
            MappedFile file, String name, StoredTensor variable, Map<String, StoredTensor> variables) {
        boolean quantised = variable.type().integral() && variable.shape().length > 0 && name.endsWith("weight");
        if (!quantised) {
            return variable;
        }
        String where = file.path() + ": " + name + " is " + variable.label() + " " + Shapes.text(variable.shape());
        StoredTensor scale = variables.get(name + "_scale");
        if (scale == null && variable.type() == StoredType.I16) {
            return with(variable, new float[] {INT16_SCALE});
        }
        if (scale == null || scale.type().integral()) {
            throw new ModelFormatException(where + " and needs the float variable " + name + "_scale, which is "
                    + (scale == null ? "not there" : scale.label()));
        }
        long count = scale.elements();
        if (count != 1 && count != variable.shape()[0]) {
            throw new ModelFormatException(
                    where + ", but " + name + "_scale has " + count + " elements; one, or one per row is needed");
        }
        float[] scales = new float[(int) count];
        scale.read(0, scales.length, scales, 0);
        for (int i = 0; i < scales.length; i++) {
            if (!Float.isFinite(scales[i]) || scales[i] == 0) {
                throw new ModelFormatException(where + ", but element " + i + " of " + name + "_scale is " + scales[i]
                        + "; weights are divided by it");
            }
        }
        return with(variable, scales);
    }

    private static StoredTensor with(StoredTensor variable, float[] scales) {
        return new StoredTensor(variable.shape(), variable.type(), variable.label(), variable.data(), scales);
    }

    /** Adds the aliases to the tensors; gives back what each stands for. */
    private static Map<String, String> readAliases(CTranslate2File in, Map<String, StoredTensor> tensors) {
        long count = in.u32("the number of aliases");
        Map<String, String> aliases = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            String where = "alias " + (i + 1) + " of " + count;
            String alias = in.string("the name of " + where);
            String target = in.string("the target of " + where);
            StoredTensor tensor = tensors.get(target);
            if (tensor == null) {
                throw in.failure(where + ", " + alias + ", stands for " + target
                        + ", which is no variable and no earlier alias");
            }
            if (tensors.putIfAbsent(alias, tensor) != null) {
                throw in.failure(where + " has the name of "
                        + (aliases.containsKey(alias) ? "an earlier alias" : "a variable") + ", " + alias);
            }
            aliases.put(alias, aliases.getOrDefault(target, target));
        }
        return aliases;
    }

    /** The binary version, 1 to 6. */
    public int version() {
        return version;
    }

    /** The name of the specification; empty in version 1. */
    public String specification() {
        return specification;
    }

    /** The revision of the specification. */
    public int revision() {
        return revision;
    }

    @Override
    public String origin() {
        return stored.origin();
    }

    @Override
    public Set<String> names() {
        return stored.names();
    }

    @Override
    public int[] shape(String name) {
        return stored.shape(name);
    }

    @Override
    public String storedType(String name) {
        return stored.storedType(name);
    }

    @Override
    public boolean unscaled(String name) {
        return stored.unscaled(name);
    }

    @Override
    public String storedAs(String name) {
        return aliases.getOrDefault(name, name);
    }

    @Override
    public void forget(String name) {
        stored.forget(name);
    }

    @Override
    public void read(String name, long firstElement, int count, float[] destination, int offset) {
        stored.read(name, firstElement, count, destination, offset);
    }

    @Override
    public void close() {
        stored.close();
    }
}
