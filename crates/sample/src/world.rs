//! The invented utility as data: who works there, what they do, how long it takes, and what goes wrong.
//!
//! Nothing here is a real company, person or telephone number. Durations are working days unless the name says
//! otherwise. The effects that the sample must show are all set in this file: order-style service saves some fifteen
//! days a case, the dispatch centre is the bottleneck and gets worse before it gets better, summers are busy.

/// The utility, as titles of exports name it.
pub const UTILITY: &str = "江城供电公司";

/// One bureau (供电单位).
#[derive(Debug)]
pub struct Bureau {
    /// Its name.
    pub name: &'static str,
    /// Its share of the applications.
    pub weight: u32,
    /// The share of its customers in town, 0–1.
    pub urban: f64,
    /// Its lateness against the average, 1 = average.
    pub lateness: f64,
    /// How many customer managers it has.
    pub managers: i64,
}

/// The bureaus.
pub const BUREAUS: [Bureau; 6] = [
    Bureau { name: "城中供电分局", weight: 24, urban: 1.0, lateness: 0.80, managers: 6 },
    Bureau { name: "城北供电分局", weight: 19, urban: 0.85, lateness: 1.00, managers: 5 },
    Bureau { name: "滨江供电分局", weight: 17, urban: 0.80, lateness: 1.05, managers: 5 },
    Bureau { name: "开发区供电分局", weight: 20, urban: 0.90, lateness: 0.75, managers: 6 },
    Bureau { name: "临湖县供电公司", weight: 12, urban: 0.35, lateness: 1.35, managers: 4 },
    Bureau { name: "青山县供电公司", weight: 8, urban: 0.25, lateness: 1.55, managers: 3 },
];

/// A department (docs/method.md §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Department {
    Service,
    Marketing,
    Planning,
    Production,
    Dispatch,
    Construction,
    Transmission,
    Distribution,
    Demand,
}

impl Department {
    /// Its name, and the share of its stage passes that run late without any excuse (0–1, before season and trend).
    pub const fn facts(self) -> (&'static str, f64) {
        match self {
            Department::Service => ("客户服务中心", 0.018),
            Department::Marketing => ("营销部", 0.030),
            Department::Planning => ("发展策划部", 0.045),
            Department::Production => ("生产技术部", 0.040),
            Department::Dispatch => ("电力调度中心", 0.055),
            Department::Construction => ("基建部", 0.060),
            Department::Transmission => ("输电工区", 0.045),
            Department::Distribution => ("配电工区", 0.040),
            Department::Demand => ("需求侧管理中心", 0.028),
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.facts().0
    }
}

/// How late the dispatch centre is against its usual share, by months before the last month (0 = the last month).
/// Outages were refused all summer and piled up in autumn; from January on they are planned a month ahead.
pub const DISPATCH_TREND: [f64; 18] =
    [0.75, 0.80, 0.90, 1.05, 1.25, 1.60, 2.10, 2.60, 3.00, 3.10, 2.80, 2.30, 1.80, 1.40, 1.20, 1.05, 1.00, 0.95];

/// Lateness by calendar month, January first.
pub const SEASON_LATENESS: [f64; 12] = [1.05, 0.85, 0.90, 0.90, 0.95, 1.10, 1.35, 1.40, 1.15, 0.95, 0.90, 1.10];

/// Applications by calendar month, January first.
pub const SEASON_DEMAND: [u32; 12] = [85, 48, 100, 105, 115, 128, 132, 122, 100, 88, 100, 94];

/// Faults by calendar month, January first.
pub const SEASON_FAULTS: [u32; 12] = [90, 75, 70, 75, 85, 120, 185, 175, 115, 75, 75, 95];

/// A stage (环节) of docs/method.md §1, in usual order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Acceptance,
    Survey,
    Scheme,
    Fee,
    DesignReview,
    GridWorks,
    MidInspection,
    FinalInspection,
    Contract,
    Metering,
    Energisation,
    Archiving,
}

/// What is true of a stage.
#[derive(Debug)]
pub struct StepFacts {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub zh: &'static str,
    /// The standard limits of docs/method.md §4: low voltage, high with single supply, high with dual supply.
    pub limits_wd: Option<[i32; 3]>,
    /// What it takes when all goes well, for the same three; inside the limit.
    pub usual_wd: [(f64, f64); 3],
    /// What an order-style plan allows it, with single and dual supply.
    pub plan_wd: [f64; 2],
    /// The share of passes that somebody claims were held up (0–1).
    pub claims: f64,
    /// How long such a claim is, shortest to longest.
    pub claim_wd: (f64, f64),
}

/// The facts of every [`Step`], in its order. Grid works take what the customer's size says ([`Size::grid_works_wd`]).
pub const STEPS: [StepFacts; 12] = [
    StepFacts {
        code: "acceptance",
        zh: "业务受理",
        limits_wd: Some([1, 1, 1]),
        usual_wd: [(0.0, 1.0); 3],
        plan_wd: [1.0, 1.0],
        claims: 0.0,
        claim_wd: (0.0, 0.0),
    },
    StepFacts {
        code: "survey",
        zh: "现场勘查",
        limits_wd: Some([3, 5, 5]),
        usual_wd: [(0.4, 2.6), (1.2, 4.4), (1.6, 4.6)],
        plan_wd: [5.0, 5.0],
        claims: 0.05,
        claim_wd: (1.0, 8.0),
    },
    StepFacts {
        code: "scheme",
        zh: "供电方案答复",
        limits_wd: Some([8, 20, 45]),
        usual_wd: [(1.5, 6.5), (4.0, 15.0), (7.0, 19.0)],
        plan_wd: [9.0, 14.0],
        claims: 0.07,
        claim_wd: (4.0, 20.0),
    },
    StepFacts {
        code: "fee",
        zh: "业务费收取",
        limits_wd: None,
        usual_wd: [(0.2, 3.0), (0.6, 6.0), (0.6, 6.0)],
        plan_wd: [6.0, 6.0],
        claims: 0.08,
        claim_wd: (2.0, 12.0),
    },
    StepFacts {
        code: "design_review",
        zh: "设计审查",
        limits_wd: Some([8, 20, 20]),
        usual_wd: [(2.0, 6.5), (4.0, 15.0), (5.0, 16.0)],
        plan_wd: [11.0, 12.0],
        claims: 0.15,
        claim_wd: (5.0, 22.0),
    },
    StepFacts {
        code: "grid_works",
        zh: "电网配套工程",
        limits_wd: None,
        usual_wd: [(2.0, 10.0); 3],
        plan_wd: [0.0, 0.0],
        claims: 0.20,
        claim_wd: (4.0, 20.0),
    },
    StepFacts {
        code: "mid_inspection",
        zh: "中间检查",
        limits_wd: Some([5, 7, 7]),
        usual_wd: [(1.0, 4.2), (1.2, 6.0), (1.5, 6.2)],
        plan_wd: [5.0, 5.0],
        claims: 0.08,
        claim_wd: (1.0, 10.0),
    },
    StepFacts {
        code: "final_inspection",
        zh: "竣工检验",
        limits_wd: Some([5, 7, 7]),
        usual_wd: [(0.8, 4.2), (1.8, 6.3), (2.0, 6.5)],
        plan_wd: [6.0, 6.0],
        claims: 0.11,
        claim_wd: (1.0, 10.0),
    },
    StepFacts {
        code: "contract",
        zh: "供用电合同签订",
        limits_wd: None,
        usual_wd: [(0.3, 3.0), (1.0, 6.0), (1.0, 7.0)],
        plan_wd: [5.0, 5.0],
        claims: 0.08,
        claim_wd: (2.0, 10.0),
    },
    StepFacts {
        code: "metering",
        zh: "装表",
        limits_wd: Some([5, 7, 7]),
        usual_wd: [(0.8, 4.4), (1.5, 6.0), (1.8, 6.3)],
        plan_wd: [5.5, 5.5],
        claims: 0.06,
        claim_wd: (1.0, 8.0),
    },
    StepFacts {
        code: "energisation",
        zh: "停(送)电接火",
        limits_wd: Some([5, 7, 7]),
        usual_wd: [(0.8, 4.6), (2.2, 6.6), (2.6, 6.8)],
        plan_wd: [6.5, 6.5],
        claims: 0.10,
        claim_wd: (1.0, 10.0),
    },
    StepFacts {
        code: "archiving",
        zh: "资料归档",
        limits_wd: None,
        usual_wd: [(0.6, 6.0), (1.5, 9.0), (1.5, 9.0)],
        plan_wd: [8.0, 8.0],
        claims: 0.0,
        claim_wd: (0.0, 0.0),
    },
];

impl Step {
    /// What is true of it.
    pub fn facts(self) -> &'static StepFacts {
        &STEPS[self as usize]
    }

    /// The department that does it for a customer of that voltage and size.
    pub fn department(self, voltage_kv: f64, capacity_kva: f64, new_feeder: bool) -> Department {
        let (low, trunk) = (voltage_kv < 1.0, voltage_kv >= 35.0);
        match self {
            Step::Acceptance | Step::Archiving => Department::Service,
            Step::Survey => Department::Service,
            Step::Fee | Step::Contract => Department::Marketing,
            Step::Scheme if low => Department::Service,
            Step::Scheme if trunk || capacity_kva >= 1600.0 => Department::Planning,
            Step::Scheme => Department::Marketing,
            Step::DesignReview => Department::Production,
            Step::GridWorks if voltage_kv >= 110.0 => Department::Construction,
            Step::GridWorks if trunk || (new_feeder && capacity_kva >= 1000.0) => Department::Transmission,
            Step::GridWorks => Department::Distribution,
            Step::MidInspection => Department::Demand,
            Step::FinalInspection if low => Department::Service,
            Step::FinalInspection => Department::Production,
            Step::Metering => Department::Demand,
            Step::Energisation if low => Department::Distribution,
            Step::Energisation => Department::Dispatch,
        }
    }
}

/// A size of customer.
#[derive(Debug)]
pub struct Size {
    /// Its share of the applications.
    pub weight: u32,
    /// The supply voltage, kV.
    pub voltage_kv: f64,
    /// The capacities that are asked for, kVA.
    pub capacities_kva: &'static [f64],
    /// The share with two supplies, 0–1.
    pub dual: f64,
    /// The share that needs a new feeder, 0–1.
    pub new_feeder: f64,
    /// The share that are key projects, 0–1.
    pub key: f64,
    /// How long the customer's designer takes.
    pub design_wd: (f64, f64),
    /// How long the customer's builder takes.
    pub build_wd: (f64, f64),
    /// How long the grid works take without and with a new feeder.
    pub grid_works_wd: [(f64, f64); 2],
}

/// The sizes of customers.
pub const SIZES: [Size; 7] = [
    Size {
        weight: 300,
        voltage_kv: 0.4,
        capacities_kva: &[8.0, 15.0, 20.0, 30.0, 50.0, 80.0, 100.0, 120.0, 160.0],
        dual: 0.0,
        new_feeder: 0.0,
        key: 0.0,
        design_wd: (0.0, 0.0),
        build_wd: (1.0, 8.0),
        grid_works_wd: [(2.0, 10.0), (2.0, 10.0)],
    },
    Size {
        weight: 190,
        voltage_kv: 10.0,
        capacities_kva: &[100.0, 125.0, 160.0, 200.0, 250.0, 250.0],
        dual: 0.05,
        new_feeder: 0.03,
        key: 0.03,
        design_wd: (2.0, 6.0),
        build_wd: (4.0, 13.0),
        grid_works_wd: [(6.0, 16.0), (14.0, 30.0)],
    },
    Size {
        weight: 245,
        voltage_kv: 10.0,
        capacities_kva: &[315.0, 400.0, 500.0, 630.0, 630.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0],
        dual: 0.16,
        new_feeder: 0.08,
        key: 0.16,
        design_wd: (3.0, 7.0),
        build_wd: (6.0, 17.0),
        grid_works_wd: [(8.0, 20.0), (18.0, 34.0)],
    },
    Size {
        weight: 165,
        voltage_kv: 10.0,
        capacities_kva: &[2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10_000.0],
        dual: 0.30,
        new_feeder: 0.22,
        key: 0.20,
        design_wd: (4.0, 9.0),
        build_wd: (10.0, 25.0),
        grid_works_wd: [(10.0, 24.0), (22.0, 38.0)],
    },
    Size {
        weight: 52,
        voltage_kv: 20.0,
        capacities_kva: &[4000.0, 6300.0, 8000.0, 10_000.0, 12_500.0, 16_000.0],
        dual: 0.35,
        new_feeder: 0.30,
        key: 0.25,
        design_wd: (5.0, 10.0),
        build_wd: (13.0, 28.0),
        grid_works_wd: [(12.0, 27.0), (24.0, 42.0)],
    },
    Size {
        weight: 32,
        voltage_kv: 35.0,
        capacities_kva: &[8000.0, 10_000.0, 12_500.0, 16_000.0, 20_000.0],
        dual: 0.40,
        new_feeder: 0.80,
        key: 0.40,
        design_wd: (10.0, 20.0),
        build_wd: (35.0, 60.0),
        grid_works_wd: [(35.0, 55.0), (45.0, 75.0)],
    },
    Size {
        weight: 16,
        voltage_kv: 110.0,
        capacities_kva: &[31_500.0, 40_000.0, 48_000.0, 50_000.0, 63_000.0],
        dual: 0.50,
        new_feeder: 0.90,
        key: 0.60,
        design_wd: (15.0, 28.0),
        build_wd: (60.0, 100.0),
        grid_works_wd: [(60.0, 90.0), (75.0, 115.0)],
    },
];

/// Order-style service: the share of those it is meant for that it serves (≥ 4000 kVA; key projects).
pub const ORDER_SERVED: (f64, f64) = (0.68, 0.85);
/// What order-style service makes of the customer's own building time, of the days planned for it: fewest, most.
pub const ORDER_BUILD: (f64, f64) = (0.46, 0.86);
/// Working days between a finish and the next department's start: conventional, order-style.
pub const HANDOVER_WD: [(f64, f64); 2] = [(0.1, 1.5), (0.0, 0.7)];
/// What a promise keeps in hand, as a share of the customer's building time: least, most; and never more working days.
pub const RESERVE: (f64, f64) = (0.6, 0.95);
/// See [`RESERVE`].
pub const RESERVE_MAX_WD: f64 = 16.0;
/// The share of applications that are cancelled on their way.
pub const CANCELLED: f64 = 0.028;
/// The share of applications that come to a standstill and stay open.
pub const STALLED: f64 = 0.012;
/// The share of final inspections and design reviews that fail and are done again: conventional, order-style.
pub const REWORK: [f64; 2] = [0.10, 0.06];

/// Causes of delay claims: code, share, reasons.
pub const CAUSES: [(&str, u32, &[&str]); 5] = [
    (
        "customer",
        76,
        &[
            "客户图纸未按审查意见修改，重新报送",
            "客户受电工程土建未完工",
            "客户未缴纳业务费用",
            "客户设备到货延迟",
            "客户用地手续未办妥，暂缓实施",
            "客户要求推迟停电接火时间",
            "客户受电设备缺陷整改",
            "合同经办人未到场，另行约定",
        ],
    ),
    ("government", 8, &["规划路由批复未下达", "道路开挖许可办理中", "绿化迁移审批中"]),
    ("weather", 7, &["连续降雨无法立杆放线", "高温橙色预警暂停户外作业", "台风停工"]),
    ("grid", 5, &["保供电期间不安排停电", "上级变电站主变检修，推迟接入"]),
    ("internal", 4, &["物资未到货", "施工队伍安排冲突"]),
];

impl Step {
    /// Why a promise is moved when this stage comes late.
    pub const fn replanned_for(self) -> &'static [&'static str] {
        match self {
            Step::Fee | Step::Contract => &["客户缴费及签约推迟", "合同条款协商，整体顺延"],
            Step::DesignReview => &["客户图纸修改，审查顺延", "客户变更用电方案"],
            Step::GridWorks => &["配套工程路由调整", "配套工程物资到货延迟"],
            Step::MidInspection | Step::FinalInspection => {
                &["客户土建进度滞后", "客户设备到货延迟", "客户工程缺陷整改"]
            }
            Step::Metering => &["计量装置到货延迟", "客户受电工程整改后重新报验"],
            Step::Energisation => &["停电计划调整", "保供电期间不安排停电"],
            _ => &["与客户商谈后调整方案", "规划路由未定"],
        }
    }
}

/// Moves of a plan that are less than this many working days apart are reported as one.
pub const REPLAN_APART_WD: f64 = 9.0;

/// Channels: code and share.
pub const CHANNELS: [(&str, u32); 3] = [("online", 58), ("hall", 33), ("phone", 9)];
/// Trades of customers with high voltage.
pub const TRADES: [&str; 14] = [
    "精密机械",
    "电子元件",
    "纺织印染",
    "食品加工",
    "汽车零部件",
    "新型建材",
    "冷链物流",
    "商业广场",
    "数据中心",
    "医药制造",
    "充电站",
    "污水处理",
    "住宅小区",
    "包装印刷",
];
/// Trades of customers with low voltage.
pub const SMALL_TRADES: [&str; 8] = ["便利店", "餐饮店", "农业灌溉", "理发店", "养殖场", "维修铺", "居民", "幼儿园"];
/// Designers, builders and suppliers that the customer hires, each with a share; one in each list is suspiciously liked.
pub const DESIGNERS: [(&str, u32); 5] =
    [("设计单位甲", 46), ("设计单位乙", 22), ("设计单位丙", 16), ("设计单位丁", 10), ("设计单位戊", 6)];
/// See [`DESIGNERS`].
pub const BUILDERS: [(&str, u32); 7] = [
    ("施工单位甲", 31),
    ("施工单位乙", 20),
    ("施工单位丙", 15),
    ("施工单位丁", 12),
    ("施工单位戊", 10),
    ("施工单位己", 7),
    ("施工单位庚", 5),
];
/// See [`DESIGNERS`].
pub const SUPPLIERS: [(&str, u32); 6] = [
    ("设备供货商甲", 28),
    ("设备供货商乙", 22),
    ("设备供货商丙", 18),
    ("设备供货商丁", 14),
    ("设备供货商戊", 11),
    ("设备供货商己", 7),
];

/// What customers complain of in a callback, with its share and, where it is not a stage's, the department.
pub const ISSUES: [(&str, u32, Department); 7] = [
    ("停电接火安排迟缓", 30, Department::Dispatch),
    ("办电时间长", 22, Department::Service),
    ("配套工程进度慢", 14, Department::Distribution),
    ("图纸审查反复", 12, Department::Production),
    ("资料重复提交", 10, Department::Service),
    ("收费解释不清", 7, Department::Marketing),
    ("指定设计施工单位", 5, Department::Marketing),
];

/// Shares of the scores 5, 4, 3, 2 and 1: order-style, conventional, conventional and slow, fault repair.
pub const SCORES: [[u32; 5]; 4] = [[66, 28, 4, 1, 1], [49, 39, 9, 2, 1], [26, 39, 23, 8, 4], [52, 34, 9, 3, 2]];
/// From how many calendar days on, beyond 1.25 × the longest works, a customer finds a case slow: low voltage, high.
pub const SLOW_DAYS: [f64; 2] = [35.0, 75.0];

/// How good managers are, from −1 to 1; each bureau has some of every kind.
pub const QUALITIES: [f64; 6] = [0.3, -1.0, 0.6, -0.4, 1.0, -0.6];
/// By how much of itself the lateness of a manager's cases falls at quality 1, and rises at −1.
pub const MANAGED_LATENESS: f64 = 0.6;
/// The share of a manager's scores that quality 1 lifts by one, and −1 lowers.
pub const MANAGED_SCORE: f64 = 0.55;
/// The share of delay claims that a manager of quality −1 reports weeks late.
pub const LATE_REPORTS: f64 = 0.22;
/// Who rules on delay claims.
pub const VERIFIERS: &[&str] = &["营销部 汪洁", "营销部 裴勇"];
/// A claim that has gone on for more than so many days is confirmed.
pub const CONFIRMED_AFTER: i32 = 10;
/// The managers who do nothing else; the others are managers besides their other work.
pub const FULL_TIME: [&str; 4] = ["KM0101", "KM0102", "KM0301", "KM0401"];
/// The bureaus with a new manager who has no application yet.
pub const NEW_MANAGERS: [&str; 2] = ["城北供电分局", "开发区供电分局"];
/// Surnames of managers, one each.
pub const SURNAMES: [&str; 34] = [
    "周", "沈", "顾", "陆", "钱", "徐", "蒋", "朱", "许", "孙", "吴", "潘", "范", "袁", "姚", "邵", "殷", "戴", "季",
    "严", "华", "陶", "浦", "秦", "尤", "虞", "过", "邹", "薛", "杜", "龚", "费", "倪", "章",
];

/// A bureau in which customers somehow mostly choose the same firms: each with the share steered to it.
#[derive(Debug)]
pub struct Cosy {
    /// The bureau.
    pub bureau: &'static str,
    /// The liked firms.
    pub designer: (&'static str, f64),
    /// See `designer`.
    pub builder: (&'static str, f64),
    /// See `designer`.
    pub supplier: (&'static str, f64),
}

/// The one such bureau.
pub const COSY: Cosy = Cosy {
    bureau: "临湖县供电公司",
    designer: ("设计单位丙", 0.60),
    builder: ("施工单位丁", 0.72),
    supplier: ("设备供货商戊", 0.45),
};

/// The share of connections made live, without an outage: up to 20 kV, above.
pub const LIVE_LINE: [f64; 2] = [0.25, 0.05];
/// Which outage of the year it is for the customers around, as shares of the first to the fourth: where it cuts nobody
/// else off, and where it does.
pub const OUTAGES: [[u32; 4]; 2] = [[80, 17, 2, 1], [52, 28, 14, 6]];
/// The share of third and later outages that are approved, before the bureau's lateness is taken off.
pub const APPROVED: f64 = 0.95;

/// The share of cases that need departments to be brought together: conventional, order-style.
pub const COORDINATED: [f64; 2] = [0.09, 0.24];
/// When a department answers, as shares of the same day, the next, two to four working days, more, and not yet: any
/// department, the dispatch centre.
pub const ANSWERS_WD: [[u32; 5]; 2] = [[87, 8, 3, 1, 1], [30, 22, 26, 17, 5]];
/// What has to be coordinated, and whom it concerns.
pub const TOPICS: [(&str, &[Department]); 10] = [
    ("停电接火时间提前", &[Department::Dispatch, Department::Distribution]),
    ("节假日停电检修安排", &[Department::Dispatch, Department::Distribution, Department::Service]),
    ("低压联络是否收取高可靠性费用", &[Department::Marketing, Department::Planning]),
    (
        "双电源互为备用的运行方式",
        &[Department::Production, Department::Dispatch, Department::Marketing, Department::Distribution],
    ),
    ("受限线路的接入容量", &[Department::Planning, Department::Dispatch, Department::Production]),
    ("电缆通道借用与路径协调", &[Department::Distribution, Department::Transmission, Department::Planning]),
    ("增容期间临时用电", &[Department::Marketing, Department::Service, Department::Distribution]),
    (
        "重要客户保供电方案",
        &[Department::Dispatch, Department::Production, Department::Distribution, Department::Marketing],
    ),
    ("光伏并网点变更", &[Department::Planning, Department::Dispatch, Department::Marketing]),
    ("计量装置移位", &[Department::Demand, Department::Service]),
];

/// Departments that customers complain of, with their shares.
pub const COMPLAINED: [(Department, u32); 6] = [
    (Department::Production, 30),
    (Department::Distribution, 24),
    (Department::Dispatch, 16),
    (Department::Service, 14),
    (Department::Marketing, 12),
    (Department::Demand, 4),
];

/// Indicators of the third party's survey: weight (adding up to 1), points above the average, and how many points it
/// loses while twice as many outages as usual are late.
pub const INDICATORS: [(&str, f64, f64, f64); 6] = [
    ("服务态度", 0.20, 2.0, 0.0),
    ("办电时长", 0.25, -3.0, 1.6),
    ("信息公开", 0.15, 0.5, 0.0),
    ("收费透明", 0.15, 1.0, 0.0),
    ("供电可靠", 0.15, 0.0, 0.3),
    ("响应速度", 0.10, -1.0, 0.6),
];

/// How much higher loads are by calendar month, January first.
pub const SEASON_LOAD: [f64; 12] = [0.05, 0.0, -0.03, -0.03, 0.0, 0.08, 0.17, 0.18, 0.07, -0.03, 0.0, 0.05];
/// Where future demand is heard of; empty: nobody wrote it down.
pub const DEMAND_SOURCES: [&str; 6] = ["招商项目清单", "重大项目库", "客户走访", "用电咨询", "规划报建信息", ""];
