package dev.gyre.cli;

import dev.gyre.Attention;
import dev.gyre.AttentionDrawing;
import dev.gyre.AttentionLanguages;
import dev.gyre.AttentionPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gyre attention}. */
@Command(
        name = "attention",
        sortOptions = false,
        description = {
            "Shows where a model looks: heat maps of its attention weights for one text, every layer and head, in a page that"
                    + " needs nothing but a browser (.html), or one of them as a drawing (.svg, .png).",
            "Of an encoder-decoder, lines show the hard alignment: which source token each target token looks at most.",
            "Of an encoder-decoder, the target is what the model makes of the text, unless --target gives another."
        })
final class AttentionCommand implements Callable<Integer> {

    private static final Set<String> KINDS = Set.of(".html", ".svg", ".png");

    @Parameters(paramLabel = "TEXT", description = "The text to look at.")
    private String text = "";

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(names = "--target", paramLabel = "TEXT", description = "The translation to look at.")
    private @Nullable String target;

    @Option(
            names = "--source-lang",
            paramLabel = "CODE",
            description = "Language of the text, for many-to-many models: see gyre translate.")
    private @Nullable String sourceLanguage;

    @Option(names = "--target-lang", paramLabel = "CODE", description = "Language of the target.")
    private @Nullable String targetLanguage;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "File to write: .html, .svg or .png.")
    private Path output = Path.of("");

    @Option(
            names = "--layer",
            paramLabel = "N",
            defaultValue = "-1",
            description = "For .svg and .png: the layer, from 0. Without: the last.")
    private int layer;

    @Option(
            names = "--head",
            paramLabel = "N",
            defaultValue = "-1",
            description = "For .svg and .png: the head, from 0. Without: the mean of all.")
    private int head;

    @Mixin
    private DeviceArguments device = new DeviceArguments();

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() throws IOException {
        String name = String.valueOf(output.getFileName());
        int dot = name.lastIndexOf('.');
        String kind = dot < 0 ? "" : name.substring(dot);
        if (!KINDS.contains(kind)) {
            throw new UserException(output + " must end in .html, .svg or .png");
        }
        if (text.isBlank()) {
            throw new UserException("the text is empty");
        }
        byte[] file;
        try {
            AttentionLanguages languages = new AttentionLanguages(sourceLanguage, targetLanguage);
            Attention attention =
                    Attention.of(model.folder(), text, target, languages, device.device(), device.options());
            file = switch (kind) {
                case ".svg" -> AttentionDrawing.svg(attention, layer, head).getBytes(StandardCharsets.UTF_8);
                case ".png" -> png(attention);
                default -> AttentionPage.html(attention).getBytes(StandardCharsets.UTF_8);
            };
        } catch (IllegalArgumentException e) {
            throw new UserException(Failure.oneLine(e.getMessage()), e);
        }
        Path partial = output.resolveSibling(name + ".unfinished");
        Files.write(partial, file);
        Files.move(partial, output, StandardCopyOption.REPLACE_EXISTING);
        return ExitCode.OK;
    }

    /** Java draws text with fonts of the system: minimal containers have none, and then it fails in many ways. */
    private byte[] png(Attention attention) {
        System.setProperty("java.awt.headless", "true");
        try {
            return AttentionDrawing.png(attention, layer, head);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException | LinkageError | InternalError e) {
            throw new UserException(
                    "a .png needs fonts, and Java finds none on this system: install fontconfig and a font, or write"
                            + " .svg or .html",
                    e);
        }
    }
}
