package dev.gyre.cli;

import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes commands with the streams of this run; anything else by its constructor. */
record CommandFactory(Streams streams) implements IFactory {

    private static final Map<Class<?>, Function<Streams, ?>> COMMANDS = Map.ofEntries(
            Map.entry(TranslateCommand.class, TranslateCommand::new),
            Map.entry(CheckCommand.class, CheckCommand::new),
            Map.entry(GenerateCommand.class, GenerateCommand::new),
            Map.entry(EmbedCommand.class, EmbedCommand::new),
            Map.entry(ClassifyCommand.class, ClassifyCommand::new),
            Map.entry(SimilarCommand.class, SimilarCommand::new),
            Map.entry(ScoreCommand.class, ScoreCommand::new),
            Map.entry(InspectCommand.class, InspectCommand::new),
            Map.entry(DevicesCommand.class, DevicesCommand::new),
            Map.entry(TuneCommand.class, TuneCommand::new));

    @Override
    public <K> K create(Class<K> type) throws Exception {
        Function<Streams, ?> command = COMMANDS.get(type);
        return command == null ? CommandLine.defaultFactory().create(type) : type.cast(command.apply(streams));
    }
}
