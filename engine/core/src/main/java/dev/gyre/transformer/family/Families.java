package dev.gyre.transformer.family;

import dev.gyre.weights.ModelFormatException;
import java.util.List;

/** The families that are known. */
public final class Families {

    private static final List<Family> KNOWN = List.of(
            new Marian(),
            new Vaswani(),
            new Bart(),
            new MBart(),
            new Pegasus(),
            new M2m100(),
            new T5("t5"),
            new T5("mt5"),
            new Gpt2(),
            new Llama("llama", false),
            new Llama("mistral", false),
            new Llama("qwen2", true),
            Bert.BERT,
            Bert.ROBERTA,
            Bert.XLM_ROBERTA,
            Bert.DISTILBERT,
            Bert.MPNET,
            Bert.ELECTRA,
            new CTranslate2());

    private Families() {}

    /** The names that {@code model_type} can have. */
    public static List<String> names() {
        return KNOWN.stream().map(Family::name).toList();
    }

    /**
     * The family that {@code model_type} of a configuration names.
     *
     * @throws ModelFormatException if there is no such field or no such family; lists those that are known
     */
    public static Family of(Config config) {
        String type = config.string("model_type");
        return KNOWN.stream()
                .filter(f -> f.name().equals(type))
                .findFirst()
                .orElseThrow(() -> new ModelFormatException(config.where() + ": model_type \"" + type
                        + "\" is not a known family; known are " + String.join(", ", names())));
    }
}
