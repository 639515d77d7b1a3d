with conclusions as (
    select
        1 as k,
        period,
        application_id,
        stage,
        pass,
        number,
        finding,
        points_milli,
        verified_by,
        verified_on,
        note,
        finding_use
    from verifications
    where finding_use <> 'applied'
)

select
    conclusions.period as period,
    conclusions.application_id as application_id,
    conclusions.stage as stage,
    conclusions.pass as pass,
    conclusions.number as number,
    conclusions.finding as finding,
    conclusions.points_milli as points_milli,
    conclusions.verified_by as verified_by,
    conclusions.verified_on as verified_on,
    conclusions.note as note,
    conclusions.finding_use as finding_use
from conclusions
inner join params on conclusions.k = params.k
where conclusions.period = params.month
