package dev.gyre;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.transformer.family.Config;
import dev.gyre.weights.FileNames;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the files of sentence-transformers say about how a text becomes one vector: {@code modules.json}, the
 * {@code config.json} of its pooling module, its dense modules, {@code sentence_bert_config.json}.
 *
 * @param pooling nothing where the folder does not say
 * @param dense what a pooled vector goes through, in order
 * @param normalise vectors of length 1
 * @param prompt what stands before every text; empty where nothing does
 * @param longest tokens of a text at most; 0 where the folder does not say
 */
record SentenceTransformer(
        @Nullable Pooling pooling, List<Dense> dense, boolean normalise, String prompt, int longest) {

    private static final Map<String, Pooling> MODES = Map.of(
            "pooling_mode_mean_tokens", Pooling.MEAN,
            "pooling_mode_cls_token", Pooling.CLS,
            "pooling_mode_max_tokens", Pooling.MAX,
            "pooling_mode_mean_sqrt_len_tokens", Pooling.MEAN_SQRT_LENGTH,
            "pooling_mode_weightedmean_tokens", Pooling.WEIGHTED_MEAN,
            "pooling_mode_lasttoken", Pooling.LAST);

    private static final Map<String, Pooling> NAMES = Map.of(
            "mean", Pooling.MEAN,
            "cls", Pooling.CLS,
            "max", Pooling.MAX,
            "mean_sqrt_len_tokens", Pooling.MEAN_SQRT_LENGTH,
            "weightedmean", Pooling.WEIGHTED_MEAN,
            "lasttoken", Pooling.LAST);

    static SentenceTransformer read(Path folder) {
        Pooling pooling = null;
        boolean normalise = false;
        List<Dense> dense = new ArrayList<>();
        Path modules = folder.resolve("modules.json");
        if (Files.exists(modules)) {
            for (JsonNode module : Json.read(modules)) {
                String type = module.path("type").asText();
                String name = type.substring(type.lastIndexOf('.') + 1);
                switch (name) {
                    case "Transformer" -> {}
                    case "Pooling" -> pooling = pooling(folder(modules, module));
                    case "Dense" -> {
                        if (normalise || pooling == null) {
                            throw new ModelFormatException(modules + " has a Dense module "
                                    + (normalise ? "behind Normalize" : "before Pooling")
                                    + "; only between the two is it supported");
                        }
                        dense.add(Dense.read(folder(modules, module)));
                    }
                    case "Normalize" -> normalise = true;
                    default ->
                        throw new ModelFormatException(modules + " has a module " + type
                                + ", which is not supported; Transformer, Pooling, Dense and Normalize are");
                }
            }
        } else if (Files.exists(folder.resolve("1_Pooling").resolve("config.json"))) {
            pooling = pooling(folder.resolve("1_Pooling"));
        }
        Path limits = folder.resolve("sentence_bert_config.json");
        int longest = 0;
        if (Files.exists(limits)) {
            Config config = Config.read(limits);
            longest = config.has("max_seq_length") ? config.integer("max_seq_length", 1, 1 << 20) : 0;
        }
        return new SentenceTransformer(pooling, List.copyOf(dense), normalise, prompt(folder), longest);
    }

    /** The folder of a module; an empty path is the model's own. */
    private static Path folder(Path modules, JsonNode module) {
        String path = module.path("path").asText();
        if (!path.isEmpty() && !FileNames.isPlain(path)) {
            throw new ModelFormatException(modules + ": the path of module "
                    + module.path("type").asText() + " is " + module.get("path")
                    + ", which is not the name of a folder beside modules.json");
        }
        return modules.resolveSibling(path);
    }

    /** The prompt that is taken where the caller chooses none. */
    private static String prompt(Path folder) {
        Path file = folder.resolve("config_sentence_transformers.json");
        if (!Files.exists(file)) {
            return "";
        }
        JsonNode settings = Json.readObject(file);
        JsonNode name = settings.path("default_prompt_name");
        return name.isTextual()
                ? settings.path("prompts").path(name.textValue()).asText("")
                : "";
    }

    private static Pooling pooling(Path module) {
        Config config = Config.read(module.resolve("config.json"));
        if (!config.flag("include_prompt", true)) {
            throw new ModelFormatException(
                    config.where() + ": include_prompt is false; pooling without the prompt is not supported");
        }
        List<Pooling> chosen = new ArrayList<>();
        MODES.forEach((field, mode) -> {
            if (config.flag(field, false)) {
                chosen.add(mode);
            }
        });
        if (chosen.isEmpty() && config.has("pooling_mode")) {
            Pooling named = NAMES.get(config.string("pooling_mode"));
            if (named != null) {
                chosen.add(named);
            }
        }
        if (chosen.size() != 1) {
            throw new ModelFormatException(config.where() + " asks for " + chosen.size()
                    + " ways of pooling; exactly one of "
                    + MODES.keySet().stream().sorted().toList()
                    + " is supported");
        }
        return chosen.getFirst();
    }
}
